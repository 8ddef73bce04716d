"""What WeChat has counted of our calls, and having it begin anew: for whoever runs the product."""

from __future__ import annotations

import argparse

from server import wiring
from server.cli.data import in_database
from server.config import SettingError, Settings
from server.features.push import service as push
from server.ports import OutsideError, Ports, Quotas

# The addresses that sending needs and that have a limit, by account; the first of each is the one that sends.
_ADDRESSES = {
    "program": (
        "/cgi-bin/message/subscribe/send",
        "/cgi-bin/stable_token",
        "/wxaapi/newtmpl/gettemplate",
        "/wxa/getwxacodeunlimit",
    ),
    "service": ("/cgi-bin/message/template/send", "/cgi-bin/stable_token"),
}
_CHANNELS = {"program": push.Channel.WECHAT, "service": push.Channel.SERVICE}


def wechat_quota(settings: Settings, given: argparse.Namespace) -> int:
    """Show the counts of the day; `--clear` begins one anew and lets what rested for it go on."""
    if not settings.wechat_appid:
        raise SettingError("WECHAT_APPID: there is no WeChat account to ask about. Set it")
    known = [*_CHANNELS, *{address for addresses in _ADDRESSES.values() for address in addresses}]
    if given.clear is not None and given.clear not in known:
        raise SettingError(f"--clear: {given.clear} is none of ours. Choose one of {', '.join(known)}")

    async def run() -> int:
        ports = wiring.ports(settings)
        accounts = {name: account for name, account in _accounts(ports).items() if account is not None}
        try:
            if given.clear is not None:
                await _clear(accounts, given.clear)
            for name, account in accounts.items():
                await _show(name, account)
        except OutsideError as error:
            print(f"WeChat answers {error.code}: {_cure(error.code)}")
            return 1
        finally:
            for close in ports.closers:
                await close()
        return 0

    return in_database(settings, run)


def _accounts(ports: Ports) -> dict[str, Quotas | None]:
    return {"program": ports.wechat, "service": ports.service_account if ports.service_account.configured else None}


async def _show(name: str, account: Quotas) -> None:
    for address in _ADDRESSES[name]:
        seen = await account.quota(address)
        # Some are counted by the minute only.
        says = f"{seen.used:,} of {seen.daily:,} used today, {seen.left:,} left" if seen.daily else "no limit of a day"
        print(f"{name:8} {address:32} {says}")


async def _clear(accounts: dict[str, Quotas], what: str) -> None:
    for name, account in accounts.items():
        if what == name or what in _ADDRESSES[name]:
            await account.clear_quota(None if what == name else what)
            print(f"{name:8} {'everything' if what == name else what} begins anew")
            if await push.end_rest(_CHANNELS[name], "quota"):
                print(f"{name:8} rested for its quota; it sends again")


def _cure(code: str) -> str:
    if code == "48006":
        return "this month's clearings are used up"
    if code == "45009":
        return "the quota of this very call is used up; --clear program or service needs none"
    return "see the error codes of WeChat's pages; python -m server doctor says what of ours is wrong"
