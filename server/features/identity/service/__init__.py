"""The door of identity."""

from server.features.identity.service._consent import consent, privacy, withdraw_consent
from server.features.identity.service._desk import resolve_staff, staff_login, staff_logout, staff_verify_totp
from server.features.identity.service._enterprises import (
    EnterpriseView,
    authorise_clerk,
    bind_enterprise,
    check_enterprise,
    clerks,
    dismiss_clerk,
    enterprise,
)
from server.features.identity.service._housekeeping import tidy
from server.features.identity.service._login import login_phone, login_wechat, send_code
from server.features.identity.service._mandates import check_child, end_mandate, represent
from server.features.identity.service._me import me, prefer
from server.features.identity.service._parties import Parties, Party, Reach, parties, party, reach, serve
from server.features.identity.service._people import (
    AccountView,
    PersonView,
    WeChatLogin,
    account,
    account_phone,
    accounts_of,
    holder_label,
    people,
    person,
    phone_of,
    require_person,
    wechat_logins,
)
from server.features.identity.service._phone import ask_phone, take_phone
from server.features.identity.service._real_name import check_real_name, take_real_name
from server.features.identity.service._sessions import end_session, logout, resolve_bearer
from server.features.identity.service._staff import (
    NewStaff,
    create_staff,
    disable_staff,
    grant,
    revoke_grant,
)
from server.features.identity.service._window import disable_account, find_person, register_person, release_logins

__all__ = [
    "AccountView",
    "EnterpriseView",
    "NewStaff",
    "Parties",
    "Party",
    "PersonView",
    "Reach",
    "WeChatLogin",
    "account",
    "account_phone",
    "accounts_of",
    "ask_phone",
    "authorise_clerk",
    "bind_enterprise",
    "check_child",
    "check_enterprise",
    "check_real_name",
    "clerks",
    "consent",
    "create_staff",
    "disable_account",
    "disable_staff",
    "dismiss_clerk",
    "end_mandate",
    "end_session",
    "enterprise",
    "find_person",
    "grant",
    "holder_label",
    "login_phone",
    "login_wechat",
    "logout",
    "me",
    "parties",
    "party",
    "people",
    "person",
    "phone_of",
    "prefer",
    "privacy",
    "reach",
    "register_person",
    "release_logins",
    "represent",
    "require_person",
    "resolve_bearer",
    "resolve_staff",
    "revoke_grant",
    "send_code",
    "serve",
    "staff_login",
    "staff_logout",
    "staff_verify_totp",
    "take_phone",
    "take_real_name",
    "tidy",
    "wechat_logins",
    "withdraw_consent",
]
