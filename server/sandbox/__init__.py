"""A local WeChat, the twins of the other outside services, and a page of phones to look at. Imports nothing of ours."""

from server.sandbox.process import run

__all__ = ["run"]
