"""The rest of WeChat's API: templates, links, checks, sessions, upkeep, and what has been withdrawn."""

import hashlib
import hmac
from typing import Any

import pytest

from server.sandbox.wechat.api import APIS
from server.sandbox.wechat.checks import _cert_hash
from tests.server.sandbox.conftest import Json, Sandbox


async def get(sandbox: Sandbox, path: str, **params: str) -> Json:
    return (await sandbox.get(path, access_token=await sandbox.token(), **params)).json


async def logged_in(sandbox: Sandbox, key: str = "grandma") -> Json:
    code = (await sandbox.post(f"/_sandbox/phones/{key}/login")).json["code"]
    told = sandbox.world.settings
    asked = {"appid": told.appid, "secret": told.secret, "js_code": code, "grant_type": "authorization_code"}
    return (await sandbox.get("/sns/jscode2session", **asked)).json


async def test_a_template_is_taken_used_and_given_up(sandbox: Sandbox) -> None:
    (category,) = (await get(sandbox, "/wxaapi/newtmpl/getcategory"))["data"]
    path = "/wxaapi/newtmpl/getpubtemplatetitles"
    listed = await get(sandbox, path, ids=str(category["id"]), start="0", limit="30")
    tid = listed["data"][0]["tid"]
    words = (await get(sandbox, "/wxaapi/newtmpl/getpubtemplatekeywords", tid=str(tid)))["data"]
    asked = {"tid": tid, "kidList": [words[1]["kid"], words[0]["kid"]], "sceneDesc": "办事"}
    made = await sandbox.wechat("/wxaapi/newtmpl/addtemplate", asked)
    held = (await get(sandbox, "/wxaapi/newtmpl/gettemplate"))["data"]
    (mine,) = [row for row in held if row["priTmplId"] == made["priTmplId"]]
    assert mine["content"].startswith(words[1]["name"])
    assert (await sandbox.wechat("/wxaapi/newtmpl/addtemplate", asked))["errcode"] == 200022
    gone = await sandbox.wechat("/wxaapi/newtmpl/deltemplate", {"priTmplId": made["priTmplId"]})
    assert gone["errcode"] == 0
    message = sandbox.message(template_id=made["priTmplId"])
    assert (await sandbox.wechat("/cgi-bin/message/subscribe/send", message))["errcode"] == 40037


async def test_a_template_is_also_taken_by_form(sandbox: Sandbox) -> None:
    form = {"tid": "1101", "kidList": ["1", "2"], "sceneDesc": "x"}
    params = {"access_token": await sandbox.token()}
    answer = await sandbox.call("POST", "/wxaapi/newtmpl/addtemplate", data=form, params=params)
    assert answer.json["errcode"] == 0, answer.text


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"tid": 9}, 200014),
        ({"tid": "x"}, 200014),
        ({"kidList": [1]}, 200020),
        ({"kidList": [1, 99]}, 200020),
        ({"sceneDesc": "字" * 16}, 200021),
    ],
)
async def test_a_template_that_cannot_be_taken(sandbox: Sandbox, change: dict[str, Any], errcode: int) -> None:
    asked = {"tid": 1101, "kidList": [1, 2], "sceneDesc": "x"} | change
    assert (await sandbox.wechat("/wxaapi/newtmpl/addtemplate", asked))["errcode"] == errcode


async def test_a_link_opens_its_page_until_it_is_over(sandbox: Sandbox) -> None:
    asked = {"path": "pages/home", "query": "id=1", "expire_type": 1, "expire_interval": 1}
    link = (await sandbox.wechat("/wxa/generate_urllink", asked))["url_link"]
    assert (await sandbox.wechat("/wxa/query_urllink", {"url_link": link}))["url_link_info"][
        "path"
    ] == "pages/home?id=1"
    opened = await sandbox.post("/_sandbox/resolve", {"text": link})
    assert opened.json == {"kind": "page", "path": "pages/home?id=1"}
    assert (await sandbox.get("/l/" + link.rpartition("/")[2])).status == 302
    sandbox.world.clock.advance(86_401)
    assert (await sandbox.post("/_sandbox/resolve", {"text": link})).json["kind"] == "text"
    assert (await sandbox.wechat("/wxa/generate_urllink", asked | {"expire_interval": 31}))["errcode"] == 85401
    assert (await sandbox.wechat("/wxa/generate_urllink", asked | {"query": "x" * 1025}))["errcode"] == 40212
    scheme = await sandbox.wechat("/wxa/generatescheme", {"jump_wxa": {"path": "/pages/home", "query": ""}})
    assert scheme["openlink"].startswith("weixin://dl/business/?t=")


async def test_words_are_checked_of_visitors_only(sandbox: Sandbox) -> None:
    asked = {"content": "今天天气不错", "version": 2, "scene": 2, "openid": sandbox.openid()}
    assert (await sandbox.wechat("/wxa/msg_sec_check", asked))["errcode"] == 61010
    await logged_in(sandbox)
    await sandbox.call("PATCH", "/_sandbox/account", json={"sensitive_words": ["坏"], "doubtful_words": ["吵"]})
    for words, suggest in (("好", "pass"), ("坏人", "risky"), ("太吵", "review")):
        answer = await sandbox.wechat("/wxa/msg_sec_check", asked | {"content": words})
        assert answer["result"]["suggest"] == suggest
    sandbox.world.clock.advance(7_201)
    assert (await sandbox.wechat("/wxa/msg_sec_check", asked))["errcode"] == 61010


async def test_a_session_is_good_by_either_reading_of_its_key(sandbox: Sandbox) -> None:
    session = await logged_in(sandbox)
    asked = {"openid": session["openid"], "sig_method": "hmac_sha256"}
    good = hmac.new(session["session_key"].encode(), b"", hashlib.sha256).hexdigest()
    assert (await get(sandbox, "/wxa/checksession", signature=good, **asked))["errcode"] == 0
    assert (await get(sandbox, "/wxa/checksession", signature="0" * 64, **asked))["errcode"] == 87009


async def test_a_face_is_checked_as_ordered(sandbox: Sandbox) -> None:
    info = {"cert_type": "IDENTITY_CARD", "cert_name": "张三", "cert_no": "310101199801011234"}
    # The published vector.
    assert _cert_hash(info) == "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"
    asked = {"out_seq_no": "seq-00001", "cert_info": info, "openid": sandbox.openid()}
    begun = await sandbox.wechat("/cityservice/face/identify/getverifyid", asked)
    check = {
        "verify_id": begun["verify_id"],
        "out_seq_no": "seq-00001",
        "cert_hash": _cert_hash(info),
        "openid": sandbox.openid(),
    }
    path = "/cityservice/face/identify/queryverifyinfo"
    assert (await sandbox.wechat(path, check))["verify_ret"] == 10000
    await sandbox.call("PATCH", "/_sandbox/account", json={"face_result": 10003})
    assert (await sandbox.wechat(path, check))["verify_ret"] == 10003
    assert (await sandbox.wechat(path, check | {"cert_hash": "0"}))["errcode"] == 84010
    assert (await sandbox.wechat("/cityservice/face/identify/getverifyid", asked))["errcode"] == 84012
    sandbox.world.clock.advance(3_601)
    assert (await sandbox.wechat(path, check))["errcode"] == 84011


async def test_a_real_name_is_compared_with_the_people_known(sandbox: Sandbox) -> None:
    person = {"kind": "resident_id", "name": "李明", "number": "11010519491231002X"}
    await sandbox.post("/_sandbox/people", person)
    for name, told in (("李明", "V_NM_ID_MA"), ("李月", "V_NM_ID_UM")):
        code = (await sandbox.post("/_sandbox/phones/grandma/login")).json["code"]
        asked = {"openid": sandbox.openid(), "real_name": name, "cred_id": person["number"], "cred_type": "1"}
        path = "/intp/realname/checkrealnameinfo"
        assert (await sandbox.wechat(path, asked | {"code": code}))["verify_real_name"] == told
        assert (await sandbox.wechat(path, asked | {"code": code}))["errcode"] == 80113
        assert (await sandbox.wechat(path, asked))["errcode"] == 80111


async def test_a_blocked_person_does_not_log_in(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"blocked_openids": [sandbox.openid()]})
    assert (await logged_in(sandbox))["errcode"] == 40226


async def test_quotas_are_told_and_cleared_ten_times_a_month(sandbox: Sandbox) -> None:
    path = "/wxaapi/newtmpl/gettemplate"
    await get(sandbox, path)
    asked = {"cgi_path": path}
    assert (await sandbox.wechat("/cgi-bin/openapi/quota/get", asked))["quota"]["used"] == 1
    appid = {"appid": sandbox.world.settings.appid}
    codes = [(await sandbox.wechat("/cgi-bin/clear_quota", appid))["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [48006]
    settings = sandbox.world.settings
    for secret, code in (("wrong", 40125), (settings.secret, 48006)):
        by_secret = {"appid": settings.appid, "appsecret": secret}
        assert (await sandbox.call("POST", "/cgi-bin/clear_quota/v2", json=by_secret)).json["errcode"] == code
    assert (await sandbox.wechat("/cgi-bin/openapi/quota/get", asked))["quota"]["used"] == 0
    assert (await sandbox.wechat("/cgi-bin/openapi/quota/clear", asked))["errcode"] == 0
    assert (await sandbox.wechat("/cgi-bin/openapi/quota/get", {"cgi_path": "/x"}))["errcode"] == 76021


async def test_a_request_is_found_by_its_rid_and_its_secrets_are_not(sandbox: Sandbox) -> None:
    refused = await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message())
    rid = refused["errmsg"].rpartition("rid: ")[2]
    found = await sandbox.wechat("/cgi-bin/openapi/rid/get", {"rid": rid})
    assert "43101" in found["request"]["response_body"]
    assert await sandbox.token() not in str(found)
    assert (await sandbox.wechat("/cgi-bin/openapi/rid/get", {"rid": "x"}))["errcode"] == 76001


@pytest.mark.parametrize(
    ("path", "errcode"),
    [
        ("/cgi-bin/message/wxopen/template/send", 45103),
        ("/cgi-bin/message/wxopen/template/uniform_send", 45109),
    ],
)
async def test_what_wechat_has_withdrawn_says_so(sandbox: Sandbox, path: str, errcode: int) -> None:
    assert (await sandbox.wechat(path, {"touser": "o"}))["errcode"] == errcode


async def test_no_api_is_called_without_a_right(sandbox: Sandbox) -> None:
    for path, api in APIS.items():
        if api.token:
            answer = await sandbox.call(api.method, path, json={"a": 1} if api.method == "POST" else None)
            assert answer.json["errcode"] == 41001, path
            wrong = await sandbox.call("POST" if api.method == "GET" else "GET", path)
            assert wrong.json["errcode"] in {43001, 43002}, path
