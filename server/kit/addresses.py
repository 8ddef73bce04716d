"""Network addresses, as those who count attempts see them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address


@lru_cache(maxsize=4096)
def neighbourhood(given: str) -> str:
    """Give what limits count an address as: one IPv4, or an IPv6 /64, which one household owns whole."""
    if ":" not in given:
        return given
    try:
        parsed = ip_address(given)
    except ValueError:
        return given
    if isinstance(parsed, IPv6Address):
        return parsed.exploded[:19]
    return given
