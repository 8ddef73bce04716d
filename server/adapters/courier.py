"""The courier over HTTP. Both sides sign what they say; an order goes by our own number, so asking again is safe."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NoReturn

import aiohttp
import msgspec

from server.adapters import signed_calls
from server.config import Settings
from server.errors import Malformed
from server.ports import CourierCall, OutsideError, ParcelEnd, ParcelNews, ParcelState

_TIMEOUT = aiohttp.ClientTimeout(total=8.0, connect=3.0)
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
# Asking later helps; every other refusal is about the words themselves.
_LATER = frozenset({408, 425, 429})

_log = logging.getLogger(__name__)


class _Created(msgspec.Struct):
    waybill: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{8,30}$")]


class _Happened(msgspec.Struct):
    state: ParcelState
    at: datetime
    place: Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[^\x00]*$")] = ""


class _Track(_Created):
    events: list[_Happened]


class _Told(_Happened, kw_only=True):
    order: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    waybill: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{8,30}$")]


class HttpCourier:
    """The port."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.courier_api_base
        self._client = settings.courier_client
        self._secret = settings.courier_secret.encode()
        self._name = settings.courier_name

    @property
    def configured(self) -> bool:
        """Say whether there is a courier at all."""
        return bool(self._base)

    @property
    def name(self) -> str:
        """Name it as people know it."""
        return self._name

    async def create(self, order: str, *, sender: ParcelEnd, to: ParcelEnd) -> str:
        """Order a parcel. Raises OutsideError."""
        body = {"order": order, "from": _end(sender), "to": _end(to)}
        created: _Created = await self._ask("POST", "/orders", _Created, body)
        return created.waybill

    async def cancel(self, order: str) -> None:
        """Call an order off. Raises OutsideError."""
        await self._ask("POST", f"/orders/{order}/cancel", dict, {})

    async def track(self, order: str) -> list[ParcelNews]:
        """List what happened. Raises OutsideError."""
        found = await self._ask("GET", f"/orders/{order}", _Track)
        return [
            ParcelNews(order=order, waybill=found.waybill, state=one.state, at=one.at, place=one.place)
            for one in found.events
        ]

    def read(self, headers: Mapping[str, str], body: bytes) -> CourierCall:
        """Prove and open a call. Raises Forbidden, Malformed."""
        nonce = signed_calls.proven(self._secret if self._base else b"", "courier", headers, body)
        try:
            told = msgspec.json.decode(body, type=_Told)
        except (msgspec.DecodeError, RecursionError):
            told = None
        if told is None or told.at.tzinfo is None:
            _log.warning("courier call not understood")
            raise Malformed("callback_malformed")
        news = ParcelNews(order=told.order, waybill=told.waybill, state=told.state, at=told.at, place=told.place)
        return CourierCall(nonce=nonce, news=news)

    async def _ask(self, method: str, path: str, kind: type[Any], content: object = None) -> Any:  # noqa: ANN401 - as `kind` says
        if not self._base:
            raise OutsideError("no_courier", final=True)
        body = b"" if content is None else msgspec.json.encode(content)
        headers = {"x-client": self._client, **signed_calls.headers_for(self._secret, method, path, body)}
        try:
            # Some orders a minute at most: a session of its own costs nothing and has nothing to close at the end.
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.request(
                    method, self._base + path, data=body or None, headers=headers, allow_redirects=False
                ) as reply,
            ):
                said = await reply.read()
                if reply.status not in (200, 201):
                    _raise(reply.status, said)
                return msgspec.json.decode(said, type=kind)
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            failed = OutsideError("answer_lost", final=False)
            _log.warning("courier %s: %s", method, type(lost).__name__)
        except (msgspec.DecodeError, RecursionError):
            failed = OutsideError("not_understood", final=False)
        # Raised out here, so that nothing of the address travels along as its context.
        raise failed


def make(settings: Settings) -> HttpCourier:
    """Make the port from settings."""
    return HttpCourier(settings)


def _raise(status: int, said: bytes) -> NoReturn:
    """Take the code alone: the words beside it may name somebody."""
    try:
        code = str(msgspec.json.decode(said, type=dict[str, Any]).get("code", ""))
    except (msgspec.DecodeError, RecursionError):
        code = ""
    code = code if _CODE.fullmatch(code) else f"http_{status}"
    # Our own key is refused: somebody mends it, and nothing is lost meanwhile.
    final = 400 <= status < 500 and status not in _LATER and status not in (401, 403)
    _log.log(logging.INFO if final else logging.WARNING, "courier refuses: %s", code)
    raise OutsideError(code, final=final)


def _end(end: ParcelEnd) -> dict[str, str]:
    return {"name": end.name, "phone": end.phone, "address": end.address}
