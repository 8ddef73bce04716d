"""The sandbox as a process of its own."""

import os
from pathlib import Path

from server.sandbox.app import create_app
from server.sandbox.settings import Settings

__all__ = ["run"]


def run(
    host: str = "127.0.0.1",
    port: int = 8001,
    app_origin: str = "http://127.0.0.1:8000",
    *,
    public_url: str | None = None,
    state_file: Path | str | None = None,
    **settings: str | float,
) -> None:
    """
    Serves until SIGTERM or Ctrl-C.

    `app_origin` is where the H5 build is served, `public_url` how a browser reaches
    the sandbox (default: host and port). The rest are the fields of `Settings`: appid, secret, sms_secret_id …
    """
    if os.environ.get("ENV") == "production":
        raise SystemExit("The sandbox answers in WeChat's place and must not run with ENV=production.")
    shown_host = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host
    app = create_app(
        Settings(
            app_origin=app_origin.rstrip("/"),
            public_url=(public_url or f"http://{shown_host}:{port}").rstrip("/"),
            state_file=Path(state_file) if state_file else None,
            **settings,  # type: ignore[arg-type]
        )
    )
    # One process: the state is in its memory. Sanic turns SIGTERM and SIGINT into a graceful stop by itself.
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
