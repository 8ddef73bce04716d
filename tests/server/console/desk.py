"""A browser at a desk: it keeps the session, sends the page's own token, and follows where it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.factories.identity import SomeStaff
from tests.fixtures_web import Answer, Client

HTML = {"accept": "text/html"}


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's browser."""

    browser: Client

    async def sees(self, path: str, **query: Any) -> str:
        """Open a page that must be there."""
        answer = await self.browser.get(path, params=query, headers=HTML)
        assert answer.status == 200, f"{path}: {answer.status} {answer.text[:500]}"
        return answer.text

    async def does(self, path: str, form: Mapping[str, Any] | None = None, *, on: str = "/console/cases") -> Answer:
        """Send a form with the token of a page."""
        token = csrf(await self.sees(on))
        return await self.browser.post(path, data={"csrf": token, **(form or {})}, headers=HTML)

    async def refused(self, path: str, form: Mapping[str, Any] | None = None, **options: Any) -> Answer:
        """Send a form by htmx that must be refused, and give the piece that says why."""
        token = csrf(await self.sees(options.pop("on", "/console/cases")))
        answer = await self.browser.post(
            path, data=dict(form or {}), headers={"hx-request": "true", "x-csrf-token": token}
        )
        assert answer.status >= 400, answer.text[:500]
        assert "<html" not in answer.text
        assert 'role="alert"' in answer.text
        return answer


def at_desk(client: Client, who: SomeStaff) -> Desk:
    """Sit somebody down at their desk."""
    return Desk(client.in_console(who.cookie))


def csrf(page: str) -> str:
    """Find the token of a page."""
    hit = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert hit, "the page has no token"
    return hit[1]


def goes_to(answer: Answer) -> str:
    """Say where a deed leads, once it is done."""
    assert answer.status == 303, f"{answer.status} {answer.text[:500]}"
    return answer.headers["location"]
