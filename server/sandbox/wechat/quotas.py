"""How often WeChat lets one app call, as its documents say."""

from server.sandbox.quotas import Quota

__all__ = ["JSCODE2SESSION", "QUOTAS"]

JSCODE2SESSION = Quota(per_minute=100)  # of one person
QUOTAS: dict[str, Quota] = {
    "/cgi-bin/token": Quota(per_day=2_000),
    "/cgi-bin/stable_token": Quota(per_minute=10_000, per_day=500_000),
    "/cgi-bin/message/subscribe/send": Quota(per_day=10_000_000),
    "/wxa/getwxacodeunlimit": Quota(per_minute=5_000),
}
