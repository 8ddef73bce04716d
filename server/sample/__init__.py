"""The sample county: real rules, made-up people. Everything in it says that it is a sample."""

from server.sample.seed import seed

__all__ = ["seed"]
