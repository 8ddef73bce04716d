"""`python -m server.sandbox` runs the sandbox alone, without the product's settings."""

import argparse

from server.sandbox.process import run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m server.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--app-origin", default="http://127.0.0.1:8000")
    parser.add_argument("--public-url")
    parser.add_argument("--state-file")
    parser.add_argument("--callback-url", default="")
    given = parser.parse_args()
    run(
        given.host,
        given.port,
        given.app_origin,
        public_url=given.public_url,
        state_file=given.state_file,
        callback_url=given.callback_url,
    )
