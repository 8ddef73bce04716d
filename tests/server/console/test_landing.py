"""What a scanned rating code opens in any browser: one small page that takes the rating without a script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from multidict import CIMultiDict

from server.features.ratings.models import Channel, Level, Rating
from server.kit import texts
from server.ports import Ports
from server.web import asking
from tests.factories.identity import AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, csrf
from tests.server.ratings.test_rating import finished, rate, work

WORST = {"level": "very_dissatisfied"}
MOST_BYTES = 15 * 1024  # what comes down a new line before the first answer has to be acknowledged


@dataclass(frozen=True, slots=True)
class Scan:
    """A browser that has just opened what was scanned."""

    client: Client
    page: Answer
    address: str

    @property
    def cookies(self) -> str:
        """What the browser sends back."""
        return "; ".join(one.split(";")[0] for one in self.set)

    @property
    def set(self) -> list[str]:
        """What the page set."""
        return CIMultiDict(self.page.headers).getall("set-cookie")

    async def sends(self, **form: Any) -> Answer:
        action = re.search(r'action="(/q/[^"]+)"', self.page.text)
        assert action
        cookie = self.cookies
        others = self.client.headers.get("cookie", "")
        asker = self.client.with_(cookie=f"{others}; {cookie}" if others else cookie)
        body = {"csrf": csrf(self.page.text), **form}
        return await asker.post(action[1].replace("&amp;", "&"), data=body, headers=HTML)


async def scan(client: Client, token: str, **query: str) -> Scan:
    address = f"/q/{token}"
    page = await client.get(address, params=query, headers=HTML)
    assert page.status == 200, page.text
    return Scan(client, page, address)


async def test_one_small_page_with_everything_in_it(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    text = (await scan(client, token)).page.text
    assert len(text.encode()) <= MOST_BYTES
    assert not re.search(r'(?:src|href)="(?!data:|/q/|/#/)', text), "nothing else is fetched"
    assert text.count('type="radio"') == 5
    assert "checked>" not in text
    assert "checked=" not in text
    seen = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert (seen.count('type="checkbox"'), text.count('type="checkbox"')) == (15, 40), "three of eight for each level"


@pytest.mark.parametrize(
    ("query", "channel"), [({}, "code"), ({"via": "sms"}, "sms"), ({"via": "x", "from": "y"}, "code")]
)
async def test_stored_with_its_way(
    client: Client, ports: Ports, as_staff: AsStaff, query: dict[str, str], channel: str
) -> None:
    _, token = await finished(client, ports)
    scanned = await scan(client, token, **query)
    thanks = await scanned.sends(**WORST, tags=["109", "510", "nonsense"], words="等了\r\n一上午")
    assert "谢谢您的评价" in thanks.text
    row = await Rating.get()
    assert (row.level, row.channel, row.account_id) == (Level.VERY_DISSATISFIED, Channel(channel), None)
    assert row.words == "等了\n一上午"
    assert row.tags == ["109"], "what was ticked for another level is left out"
    assert len(await work(as_staff)) == 1
    assert (await scanned.sends(**WORST, tags=["109"], words="等了\r\n一上午")).status == 200, "sent twice it is one"
    again = await client.get(scanned.address, headers=HTML)
    assert again.headers["location"].startswith(f"/#/features/ratings/pages/rate?token={token}"), "and then its answer"


@pytest.mark.parametrize("form", [{}, {"level": "6"}, WORST | {"words": "字" * 151}, WORST | {"other": "1"}])
async def test_what_is_wrong_is_refused_and_nothing_kept(client: Client, ports: Ports, form: dict[str, str]) -> None:
    _, token = await finished(client, ports)
    assert (await (await scan(client, token)).sends(**form)).status == 422
    assert (await Rating.get()).level is None


async def test_a_second_one_is_refused_in_words(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    scanned = await scan(client, token, lang="en")
    assert (await rate(client, token, level="satisfied")).status == 200
    refused = await scanned.sends(**WORST)
    assert refused.status == 409
    assert 'lang="en"' in refused.text
    assert "errors." not in refused.text
    assert "See my rating" in refused.text
    assert (await Rating.get()).level is Level.SATISFIED


async def test_in_english_and_in_large_letters(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    english = await scan(client, token, lang="en", elder="1")
    assert 'lang="en" class="elder"' in english.page.text
    assert "Very dissatisfied" in english.page.text
    assert "ratings." not in english.page.text.replace("from=ratings.title", "")
    thanks = await english.sends(**WORST)
    assert "Thank you" in thanks.text
    assert 'lang="en" class="elder"' in thanks.text


async def test_the_desk_is_known_here_too(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    at_desk = client.in_console(who.office.clerk.cookie)
    page = await at_desk.get(f"/q/{token}", headers=HTML)
    refused = await at_desk.post(f"/q/{token}", data={"csrf": csrf(page.text), **WORST}, headers=HTML)
    assert refused.status == 403
    assert texts.text("zh-CN", "ratings.see_again") not in refused.text, "nothing of theirs is there to be seen"
    marked = await scan(client.with_(cookie=f"{asking.DESK_COOKIE}=1"), token)
    assert (await marked.sends(**WORST)).status == 200
    assert (await Rating.get()).from_staff


async def test_not_without_the_page(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    assert (await client.post(f"/q/{token}", data=WORST, headers=HTML)).status == 403
    assert (await (await scan(client, token)).sends(**WORST, csrf="0" * 64)).status == 403
    assert (await Rating.get()).level is None
