"""Commands that are processes: they run until they are told to stop."""

from __future__ import annotations

import argparse

from server.config import SettingError, Settings


def web(settings: Settings, given: argparse.Namespace) -> int:
    """Watch over web workers, or be one (`--socket`, which only the watching process gives)."""
    from server import main  # noqa: PLC0415 - the worker needs no web server

    return main.serve(settings) if given.socket is None else main.work(settings, given.socket)


def worker(settings: Settings, _given: argparse.Namespace) -> int:
    """Run every feature's tasks."""
    from server import worker as tasks  # noqa: PLC0415 - the web process needs no tasks

    return tasks.work(settings)


def sandbox(settings: Settings, _given: argparse.Namespace) -> int:
    """Be WeChat for this machine."""
    if settings.env == "production":
        raise SettingError("ENV: the sandbox answers in WeChat's place and never runs in production. Use ENV=demo")
    from server.sandbox.process import run  # noqa: PLC0415 - nothing else may load it

    run(
        port=settings.sandbox_port,
        app_origin=settings.public_url,
        state_file=settings.var_dir / "sandbox.json",
        callback_url=f"{settings.public_url}/wechat/callback",
        locker_callback_url=f"{settings.public_url}/locker/callback",
        courier_callback_url=f"{settings.public_url}/courier/callback",
    )
    return 0


def demo(_settings: Settings, _given: argparse.Namespace) -> int:
    """Run everything with sample data."""
    from server.demo import run  # noqa: PLC0415 - it loads the sandbox

    return run()
