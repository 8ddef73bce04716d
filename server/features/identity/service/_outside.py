"""What the outside says, in our words: nothing is lost when it is down, and its refusals have a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import Forbidden, TooMany, Unauthenticated, Unavailable
from server.ports import OutsideError

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import TypeVar

    from server.ports import Checked, WeChat, WeChatIdentity

    T = TypeVar("T")

_RETRY_SECONDS = 5
# Never valid or too old, used before, missing, made for another WeChat account.
_CODE_SPENT = frozenset({"40029", "40163", "41008", "40003"})
_BLOCKED = "40226"
_TOO_OFTEN = "45011"


async def wechat_identity(wechat: WeChat, code: str) -> WeChatIdentity:
    """Exchange a login code, once. Raises Unauthenticated, Forbidden, TooMany, Unavailable."""
    return await _asked(wechat.code_to_session(code))


async def phone_number(wechat: WeChat, code: str, openid: str) -> str:
    """Exchange the code of the phone-number button, once. Raises as `wechat_identity`."""
    return await _asked(wechat.phone_number(code, openid=openid))


async def checked(asking: Awaitable[Checked]) -> Checked:
    """Ask the identity authority. Raises Unavailable."""
    try:
        return await asking
    except OutsideError as refused:
        raise Unavailable("identity.check_unavailable", retry_after=_RETRY_SECONDS) from refused


async def _asked(asking: Awaitable[T]) -> T:
    try:
        return await asking
    except OutsideError as refused:
        if refused.code in _CODE_SPENT:
            raise Unauthenticated("identity.wechat_code_spent") from refused
        if refused.code == _BLOCKED:
            raise Forbidden("identity.wechat_blocked") from refused
        if refused.code == _TOO_OFTEN:
            raise TooMany("too_many", retry_after=60) from refused
        raise Unavailable("identity.wechat_unavailable", retry_after=_RETRY_SECONDS) from refused
