"""The sandbox as a process: it starts, keeps what it was told over a restart, and stops when told."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import server.sandbox
from server.sandbox import run
from server.sandbox.settings import Settings, SettingsError
from tests.server.sandbox.conftest import Json


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class Process:
    def __init__(self, state_file: Path, folder: Path | None = None) -> None:
        self.port = free_port()
        arguments = ["--port", str(self.port), "--state-file", str(state_file)]
        self._process = subprocess.Popen([sys.executable, "-m", "server.sandbox", *arguments], cwd=folder)
        self._wait()

    def call(self, path: str, body: Json = None) -> Json:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", data=data), timeout=5) as reply:
            return json.load(reply)

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.call("/_sandbox/health")
            except OSError:
                assert time.monotonic() < deadline, "the sandbox did not start"
                time.sleep(0.1)
            else:
                return


def test_it_runs_from_a_folder_that_holds_nothing_else(tmp_path: Path) -> None:
    """As somebody has it who takes only the sandbox: nothing of ours lies beside it, whatever is done with it."""
    shutil.copytree(Path(server.sandbox.__file__).parent, tmp_path / "server" / "sandbox")
    process = Process(tmp_path / "state.json", folder=tmp_path)
    phone = process.call("/_sandbox/phones", {"key": "grandpa", "name": "周大山", "phone_number": "19900000009"})
    assert phone["openid"] == process.call("/_sandbox/phones/grandpa")["openid"]
    asked = {"grant_type": "client_credential", "appid": Settings().appid, "secret": Settings().secret}
    assert process.call("/cgi-bin/stable_token", asked)["access_token"]
    with urlopen(f"http://127.0.0.1:{process.port}/", timeout=30) as page:
        assert 'class="row"' in page.read().decode()
    with urlopen(f"http://127.0.0.1:{process.port}/_sandbox/phones/grandpa/messages", timeout=30) as chat:
        assert json.load(chat) == []
    assert process.stop() == 0


def test_phones_and_chats_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "var" / "sandbox.json"
    first = Process(file)
    first.call("/_sandbox/phones", {"key": "grandpa", "name": "周大山", "phone_number": "19900000009"})
    openid = first.call("/_sandbox/phones/grandpa")["openid"]
    assert first.stop() == 0
    assert file.stat().st_mode & 0o077 == 0
    second = Process(file)
    phones = second.call("/_sandbox/phones")
    assert [(phone["key"], phone["openid"]) for phone in phones] == [("grandpa", openid)]
    assert second.stop() == 0


def test_an_unreadable_state_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text('{"version": "nonsense"')
    process = Process(file)
    assert len(process.call("/_sandbox/phones")) == 4
    assert process.stop() == 0
    assert (tmp_path / "sandbox.unreadable").exists()


def test_an_open_stream_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    process = Process(tmp_path / "sandbox.json")
    with socket.create_connection(("127.0.0.1", process.port)) as line:
        line.sendall(b"GET /_sandbox/events HTTP/1.1\r\nHost: x\r\n\r\n")
        heard = b""
        while b"event: hello" not in heard:
            heard += line.recv(4096)
        started = time.monotonic()
        assert process.stop() == 0
        assert time.monotonic() - started < 4


def test_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ENV", "production")
    with pytest.raises(SystemExit, match="ENV=production"):
        run()


@pytest.mark.parametrize("origin", ["127.0.0.1:8000", "http://", "ftp://x", "http://x/path"])
def test_origins_are_checked(origin: str) -> None:
    with pytest.raises(SettingsError, match="app_origin must look like"):
        Settings(app_origin=origin)
