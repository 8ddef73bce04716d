"""An enterprise whose papers lie on the window: known by its register, whoever of it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.errors import Conflict, FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.identity.service import _enterprises, _outside
from server.kit import checks
from server.ports import Checked

if TYPE_CHECKING:
    from server.actor import Staff
    from server.ports import IdentityCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEnterprise:
    """What is read off a licence and the legal representative's document, or a copy of it."""

    uscc: str
    name: str
    legal_name: str
    legal_number: str


async def register_enterprise(staff: Staff, shown: ShownEnterprise, checker: IdentityCheck) -> UUID:
    """Write down an enterprise that the register confirms; nobody's powers on a phone come of it.

    Raises InvalidInput by field, Conflict `identity.enterprise_not_shown`, Unavailable `identity.check_unavailable`.
    """
    uscc, name = checks.uscc(shown.uscc), "".join(shown.name.split())
    if uscc is None:
        raise InvalidInput("identity.uscc_invalid", fields=(FieldError("uscc", "uscc"),))
    if not name:
        raise InvalidInput("invalid_input", fields=(FieldError("company", "required"),))
    asking = checker.enterprise(
        uscc=uscc, name=name, legal_name=shown.legal_name.strip(), legal_number=shown.legal_number.strip().upper()
    )
    if await _outside.checked(asking) is not Checked.MATCH:
        raise Conflict("identity.enterprise_not_shown")
    async with db.tx():
        found = await _enterprises.write_down(uscc, name)
        await audit.record(staff, "identity.enterprise_registered", "enterprise", found.id)
    return found.id
