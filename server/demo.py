"""`make demo`: everything on one machine with sample data, from an empty folder to `ready`, and a clean end.

This process keeps the embedded PostgreSQL and starts the others; each of them ends with it, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.config import ROOT, SettingError, Settings
from server.db import EmbeddedError, embedded
from server.sample.people import PASSWORD, STAFF
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.twins.courier import PATH as COURIER
from server.sandbox.twins.identity import PATH as IDENTITY_CHECK
from server.sandbox.twins.lockers import PATH as LOCKERS
from server.sandbox.twins.sms import PATH as SMS

_LAUNCHER = ROOT / "server" / "db" / "embedded" / "launch.py"
_LEAST_FREE_MB = 300
_SMALLEST_LOG = 2**16
_START_SECONDS = 180.0  # a slow machine that does other things; a process that has ended is noticed at once
_STOP_SECONDS = 8.0
_MOST_AGAIN = 5  # so many times within so many seconds: it cannot run here
_AGAIN_SECONDS = 60.0


class DemoError(Exception):
    """The demo cannot start or go on. The message is one line that says why and what to do."""


class _StoppedError(Exception):
    """Somebody wants it to end: Ctrl-C, SIGTERM, or the terminal was closed."""


@dataclass(slots=True)
class _Processes:
    """The children, in the order they were started, and where each writes what it has to say."""

    environment: dict[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)

    def start(self, name: str, *, again: bool = False) -> None:
        """Start `python -m server NAME` so that it ends when this process does."""
        with (self.logs / f"{name}.log").open("ab" if again else "wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), "-1", "-1", *_command(name)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,
            )

    def finish(self, name: str) -> None:
        """Run `python -m server NAME` to its end. Raises `DemoError`."""
        self.start(name)
        if self.running.pop(name).wait() != 0:
            raise DemoError(self._why(f"python -m server {name} failed", name))

    def check(self) -> None:
        """Start again what was killed, and an ended worker, as systemd would. Raise `DemoError` for what cannot run."""
        for name, child in list(self.running.items()):
            ended = child.poll()
            if ended is None:
                continue
            now = time.monotonic()
            self.again = [at for at in self.again if now - at < _AGAIN_SECONDS]
            if (name != "worker" and ended >= 0) or len(self.again) == _MOST_AGAIN:
                raise DemoError(self._end_of(name, ended))
            self.again.append(now)
            self.start(name, again=True)
            print(f"demo: {self._end_of(name, ended)}; another one runs", file=sys.stderr, flush=True)

    def _end_of(self, name: str, ended: int) -> str:
        if ended < 0:
            # Whoever is killed writes nothing about it: the last line of its log would only mislead.
            return f"the {name} process was ended from outside ({signal.Signals(-ended).name})"
        return self._why(f"the {name} process ended ({ended})", name)

    def stop(self) -> None:
        """End all, the last started first, and kill whole groups that do not go."""
        for child in reversed(self.running.values()):
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    def _why(self, what: str, name: str) -> str:
        log = self.logs / f"{name}.log"
        text = log.read_text("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("{")]  # no access lines
        # On a disk that is quite full not even that could be written down.
        full = shutil.disk_usage(self.logs).free < _SMALLEST_LOG
        if full or any("No space left on device" in line for line in lines):
            return f"the disk is full; free {_LEAST_FREE_MB} MB in {log.parent} and start again"
        told = [line for line in lines if " CRITICAL " in line or " ERROR " in line] or lines or ["it said nothing"]
        return f"{what}: {told[-1].strip()} (all of it in {log})"


def run() -> int:
    """Run the demo until it is told to end. Gives the exit code."""
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, _stop)
    _end_with_make()
    try:
        environment = _environment()
        settings = Settings.load(environ=environment)
        _check(settings)
        with _database(settings), _processes(settings, environment) as processes:
            _serve(settings, processes)
    except _StoppedError:
        pass
    except (DemoError, EmbeddedError, SettingError) as error:
        print(f"demo: {error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"demo: {error.strerror or error} ({error.filename or 'no file'})", file=sys.stderr, flush=True)
        return 1
    return 0


def _stop(_number: int, _frame: object) -> None:
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, signal.SIG_IGN)  # the way out is being taken already
    raise _StoppedError


def _end_with_make() -> None:
    """Have the kernel tell us when the `make` above us is killed; other parents may go and leave the demo running."""
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - absent from some builds of Python, and needed nowhere else

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


def _environment() -> dict[str, str]:
    """Give what all processes are told: this machine's environment, with the sandbox in the place of the world."""
    given = {**os.environ, "ENV": "demo"}
    settings, sandbox = Settings.load(environ=given), SandboxSettings()
    here, world = f"http://127.0.0.1:{settings.port}", f"http://127.0.0.1:{settings.sandbox_port}"
    return {
        **given,
        "PORT": str(settings.port),
        "SANDBOX_PORT": str(settings.sandbox_port),
        "PUBLIC_URL": here,
        "WECHAT_API_BASE": world,
        "WECHAT_APPID": sandbox.appid,
        "WECHAT_SECRET": sandbox.secret,
        "WECHAT_TOKEN": sandbox.callback_token,
        "WECHAT_AES_KEY": sandbox.callback_aes_key,
        "SERVICE_ACCOUNT_APPID": sandbox.service_appid,
        "SERVICE_ACCOUNT_SECRET": sandbox.service_secret,
        "SERVICE_ACCOUNT_TOKEN": sandbox.service_token,
        "SERVICE_ACCOUNT_AES_KEY": sandbox.service_aes_key,
        "SMS_API_BASE": f"{world}{SMS}",
        "SMS_APP_ID": sandbox.sms_app_id,
        "SMS_SIGN": sandbox.sms_sign_name,
        "SMS_SECRET_ID": sandbox.sms_secret_id,
        "SMS_SECRET_KEY": sandbox.sms_secret_key,
        "COURIER_API_BASE": f"{world}{COURIER}",
        "COURIER_CLIENT": sandbox.courier_client,
        "COURIER_SECRET": sandbox.courier_secret,
        "LOCKER_API_BASE": f"{world}{LOCKERS}",
        "LOCKER_SECRET": sandbox.locker_secret,
        "IDENTITY_CHECK_URL": f"{world}{IDENTITY_CHECK}",
        "IDENTITY_CHECK_KEY": sandbox.identity_key,
        "PYTHONUNBUFFERED": "1",
    }


def _check(settings: Settings) -> None:
    for name, port in (("PORT", settings.port), ("SANDBOX_PORT", settings.sandbox_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                raise DemoError(f"port {port} is taken; choose another: make demo {name}={port + 10}") from None
    if not (ROOT / "miniprogram" / "dist" / "build" / "h5" / "index.html").is_file():
        raise DemoError("the phone is not built; run `make h5`, or `make demo` which does it")
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var_dir).free // 2**20
    if free < _LEAST_FREE_MB:
        raise DemoError(f"the disk is full: {free} MB free for {settings.var_dir}, {_LEAST_FREE_MB} MB needed")


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[None]:
    owner = None if settings.database_url else embedded.start(settings)
    try:
        yield
    finally:
        if owner is not None:
            owner.stop()


@contextlib.contextmanager
def _processes(settings: Settings, environment: dict[str, str]) -> Iterator[_Processes]:
    logs = settings.var_dir / "log"
    logs.mkdir(exist_ok=True)
    processes = _Processes(environment, logs)
    try:
        yield processes
    finally:
        processes.stop()


def _serve(settings: Settings, processes: _Processes) -> None:
    processes.start("sandbox")
    processes.finish("migrate")
    processes.finish("seed-demo")
    processes.start("worker")
    processes.start("web")
    _await(f"http://127.0.0.1:{settings.sandbox_port}/", processes)
    _await(f"http://127.0.0.1:{settings.port}/health/ready", processes)
    print("\n".join(_links(settings)), flush=True)
    while True:
        processes.check()
        time.sleep(0.2)


def _await(url: str, processes: _Processes) -> None:
    """Wait until an address answers well. Raises `DemoError`."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        processes.check()
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise DemoError(f"{url} does not answer after {_START_SECONDS:.0f} seconds; see {processes.logs}")


def _links(settings: Settings) -> Iterator[str]:
    here, world = f"http://127.0.0.1:{settings.port}", f"http://127.0.0.1:{settings.sandbox_port}"
    yield f"phones in their sandbox    {world}/"
    yield f"courier in the sandbox     {world}/courier"
    yield f"lockers in the sandbox     {world}/lockers"
    yield f"one phone in a browser     {here}/  (log in by SMS: the code arrives at {world}/)"
    yield f"desk                       {here}/console  (codes: {world}/authenticator)"
    yield f"  as                       {', '.join(one.username for one in STAFF)}; password {PASSWORD}"
    yield f"API                        {here}/docs"
    if not settings.database_url:
        yield f"SQL                        {embedded.psql_line(settings)}"
    yield f"ready {here}"


def _command(name: str) -> Sequence[str]:
    return (sys.executable, "-m", "server", name)
