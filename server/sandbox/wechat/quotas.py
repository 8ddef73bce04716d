"""How often WeChat lets one app call, as its documents say."""

from server.sandbox.quotas import Quota

__all__ = ["JSCODE2SESSION", "QUOTAS"]

JSCODE2SESSION = Quota(per_minute=100)  # of one person
QUOTAS: dict[str, Quota] = {
    "/cgi-bin/token": Quota(per_day=2_000),
    "/cgi-bin/stable_token": Quota(per_minute=10_000, per_day=500_000),
    "/cgi-bin/message/subscribe/send": Quota(per_day=10_000_000),
    "/cgi-bin/message/template/send": Quota(per_day=100_000),
    "/wxa/generate_urllink": Quota(per_day=500_000),
    "/wxa/generatescheme": Quota(per_day=500_000),
    "/wxa/msg_sec_check": Quota(per_minute=4_000, per_day=2_000_000),
    "/wxa/media_check_async": Quota(per_minute=2_000, per_day=200_000),
    "/wxaapi/newtmpl/gettemplate": Quota(per_day=1_000),
    "/wxa/getwxacodeunlimit": Quota(per_minute=5_000),
}
