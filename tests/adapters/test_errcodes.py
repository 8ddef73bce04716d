"""Every error code that WeChat's pages name has a meaning here, and the meaning fits what happened."""

from __future__ import annotations

import pytest

from server.adapters import wechat_errors
from server.kit import clock
from server.ports import Verdict

F, R, U, P = Verdict.FINAL, Verdict.RETRY, Verdict.UNKNOWN, Verdict.PAUSE
# What the pages of the calls we make list, and what is met besides: code → (verdict, does somebody have to mend it).
PAGES: dict[str, dict[int, tuple[Verdict, bool]]] = {
    "any call": {
        -1: (U, False),
        40001: (R, False),
        40014: (R, False),
        41001: (R, False),
        42001: (R, False),
        40066: (F, True),
        43001: (F, True),
        43002: (F, True),
        44002: (F, True),
        45009: (P, True),
        45011: (P, False),
        47001: (F, True),
        48001: (P, True),
        48006: (P, True),
    },
    "token": {
        40002: (F, True),
        40013: (P, True),
        40125: (P, True),
        40164: (P, True),
        40243: (P, True),
        41002: (P, True),
        41004: (P, True),
        50004: (P, True),
        50007: (P, True),
        89503: (P, True),
        89506: (P, True),
        89507: (P, True),
    },
    "login and phone": {40029: (F, False), 40163: (F, False), 40226: (F, False), 41008: (F, True), 40003: (F, False)},
    "subscribe/send": {
        40037: (F, True),
        41030: (F, True),
        43101: (F, False),
        43107: (P, True),
        43108: (R, False),
        45168: (F, True),
        47003: (F, True),
    },
    "template/send": {
        40008: (F, True),
        40036: (F, True),
        40039: (F, True),
        40249: (F, True),
        43004: (F, False),
        43116: (F, True),
        43117: (R, False),
        40241: (F, False),
    },
    "template library": {
        200002: (F, True),
        200011: (F, True),
        200012: (F, True),
        200013: (F, True),
        200014: (F, True),
        200016: (F, True),
        200019: (F, True),
        200020: (F, True),
        200021: (F, True),
        200022: (F, True),
        200100: (F, True),
        20001: (F, True),
        20002: (F, True),
        40400: (F, True),
        40246: (F, True),
        40247: (F, True),
    },
    "codes and links": {
        40097: (F, True),
        40129: (F, True),
        40159: (F, True),
        40165: (F, True),
        40169: (F, True),
        40212: (F, True),
        45029: (F, True),
        44990: (P, False),
        44993: (P, True),
        85079: (F, True),
        85096: (F, True),
        85401: (F, True),
        85402: (F, True),
        85403: (F, True),
        85406: (F, True),
        85407: (F, True),
        85408: (F, True),
    },
    "withdrawn": {41028: (F, True), 41029: (F, True), 45103: (F, True), 45109: (F, True)},
    "sessions and checks": {
        43104: (F, False),
        44991: (P, False),
        61010: (F, False),
        61080: (F, True),
        61081: (F, True),
        80111: (F, False),
        80113: (F, False),
        82020: (F, True),
        82026: (F, True),
        83200: (F, True),
        84001: (F, True),
        84010: (F, True),
        84022: (F, True),
        87007: (F, False),
        87008: (F, True),
        87009: (F, False),
        87020: (F, True),
        89002: (F, False),
        89300: (F, False),
        76001: (F, True),
        76004: (F, True),
        76021: (F, True),
        76022: (F, True),
        9410009: (F, True),
    },
}
ALL = [(code, meaning) for page in PAGES.values() for code, meaning in page.items()]


@pytest.mark.parametrize(("code", "meaning"), ALL)
def test_a_named_code_is_known_and_means_what_it_says(code: int, meaning: tuple[Verdict, bool]) -> None:
    assert code in set(wechat_errors.known())
    error = wechat_errors.refusal(code, "/cgi-bin/message/subscribe/send")
    assert (error.verdict, error.alarm) == meaning
    assert error.code == str(code)
    assert (error.pause is not None) is (error.verdict is Verdict.PAUSE)


def test_no_code_has_two_meanings() -> None:
    codes = list(wechat_errors.known())
    assert len(codes) == len(set(codes))
    grouped = [code for _, group in wechat_errors._GROUPS for code in group]
    assert len(grouped) == len(set(grouped))


def test_a_wrong_secret_closes_the_account_and_is_no_stale_token() -> None:
    error = wechat_errors.refusal(40001, wechat_errors.TOKEN)
    assert (error.verdict, error.alarm) == (Verdict.PAUSE, True)


def test_a_quota_of_the_day_pauses_until_the_day_ends_in_china() -> None:
    pause = wechat_errors.refusal(45009).pause
    assert pause is not None
    assert (clock.now() + pause).astimezone(clock.SHANGHAI).strftime("%H:%M") == "00:01"


def test_one_person_s_code_keeps_nobody_else_waiting() -> None:
    for code in (43108, 43117):
        error = wechat_errors.refusal(code)
        assert error.pause is None
        assert error.rest is not None


def test_a_code_nobody_knows_is_tried_again_and_shown() -> None:
    error = wechat_errors.refusal(123456)
    assert (error.verdict, error.alarm) == (Verdict.RETRY, True)
