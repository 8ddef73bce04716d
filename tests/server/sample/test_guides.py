"""The sample guides: whole, right by our own rules, and between them every shape a guide can have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain

import msgspec
import pytest

from server.errors import InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent
from server.kit import checks
from server.sample import items, places
from server.sample.items import SampleGuide
from tests.factories import catalogue as make

GUIDES = items.read()


@pytest.fixture(params=GUIDES, ids=[guide.item.name for guide in GUIDES])
def sample(request: pytest.FixtureRequest) -> SampleGuide:
    found: SampleGuide = request.param
    return found


def test_there_are_twenty_three() -> None:
    assert len(GUIDES) == 23
    assert len({guide.item.code for guide in GUIDES}) == 23


def test_each_is_written_out(sample: SampleGuide) -> None:
    content = sample.content
    assert content.sample
    assert 30 <= len(content.plain) <= 200
    for part in (content.conditions, content.steps, content.materials, content.basis, content.faqs, content.themes):
        assert part
    assert len(content.form) == 0 or 3 <= len(content.form) <= (12 if content.parts else 8)
    assert all(step.what.endswith("。") for step in content.steps)


def test_each_code_names_a_sample_department_and_a_county_level(sample: SampleGuide) -> None:
    departments = json.loads((places._DEPARTMENTS).read_text("utf-8"))
    uscc = departments[sample.item.department]["uscc"]
    assert sample.item.code[:18] == checks.uscc(uscc) == uscc
    assert sample.item.code[18] == "4"
    assert "样例" in departments[sample.item.department]["name"]


def test_no_telephone_number_can_be_dialled(sample: SampleGuide) -> None:
    for phone in (sample.content.consult_phone, sample.content.complaint_phone):
        assert phone.partition("-")[2].startswith("0"), "no local number does"


def test_between_them_they_cover_every_shape() -> None:
    contents = [guide.content for guide in GUIDES]
    materials = list(chain.from_iterable(content.materials for content in contents))
    fields = list(chain.from_iterable(content.form for content in contents))
    assert any(content.handling == "instant" and not content.form for content in contents)
    assert any(content.handling == "promised" and content.promise_days < content.legal_days for content in contents)
    assert any(content.fees for content in contents)
    assert any(content.cancelled for content in contents)
    assert any(content.video for content in contents)
    assert {content.visits for content in contents} >= {0, 1}
    assert any(content.audience == ["enterprise"] for content in contents)
    assert {rule.need for rule in materials} == {"required", "optional", "deficiency"}
    assert {rule.medium for rule in materials} >= {"paper", "electronic", "either"}
    assert any(rule.exempt for rule in materials)
    assert any(rule.when for rule in materials)
    assert {content.result.kind for content in contents} == {"certificate", "approval", "other"}
    assert {field.type for field in fields} >= {
        "text", "long_text", "number", "date", "choice", "address", "phone", "document_number", "name",
    }  # fmt: skip
    assert {field.prefill for field in fields} >= {
        "person.name", "person.number", "person.phone", "person.birth_date", "enterprise.name", "enterprise.uscc",
    }  # fmt: skip
    assert sum(not content.bookable for content in contents) == 1


@pytest.mark.usefixtures("database")
async def test_our_own_linter_lets_each_pass() -> None:
    departments, halls = await places.departments(), await places.halls()
    assert await items.publish(departments, list(halls)) == 23
    for sample in GUIDES:
        guide = await catalogue.current_guide((await catalogue.item_by_code(sample.item.code)).id)
        assert (guide.version, guide.item.sample) == (1, True)
        assert set(guide.content.hall_keys) <= set(halls)
        assert len(guide.content.hall_keys) in (1, 31)


@pytest.mark.usefixtures("database")
async def test_the_page_whose_days_do_not_add_up_is_caught() -> None:
    """The published notice this sample follows promises 22 days and lists 21."""
    allowance = next(guide.content for guide in GUIDES if guide.item.name == "高龄津贴申领")
    days = [1, 5, 5, 5, 5]
    steps = [{"key": step.key, "name": step.name, "who": step.who, "what": step.what, "days": day}
             for step, day in zip(allowance.steps, days, strict=True)]  # fmt: skip
    with pytest.raises(InvalidInput) as refusal:
        await make.guide(steps=steps, promise_days=22, legal_days=30)
    assert [(fault.code, fault.params) for fault in refusal.value.fields] == [
        ("days_do_not_add_up", {"total": 21, "promise": 22})
    ]


OF_ANOTHER_ITEM = ("首次", "换领", "补领", "签注")
OTHER_PEOPLE = ("监护人", "子女", "配偶", "受托人")


def a_clerk_would_ask(sample: SampleGuide) -> Iterator[str]:
    """What a clerk or a grandmother trips over, and the norms' own linter cannot see."""
    content, name = sample.content, sample.item.name
    charged = [fee for fee in content.fees if fee.amount_fen]
    for fee in content.fees:
        for word in OF_ANOTHER_ITEM:
            if word in fee.name and word not in name and (charged or word != "首次"):
                yield f"a fee of another item: {fee.name}"
    for rule in content.materials:
        if any(word in rule.name for word in OTHER_PEOPLE) and rule.when is None and rule.exempt is None:
            yield f"not everybody has one: {rule.name}"
    yield from plain_words(content)


def plain_words(content: GuideContent) -> Iterator[str]:
    charged = [fee for fee in content.fees if fee.amount_fen]
    if bool(charged) != ("元" in content.plain):
        yield "the plain words and the fees disagree on whether it costs anything"
    for fee in charged[:1]:
        if f"{fee.amount_fen // 100} 元" not in content.plain:
            yield "the plain words name another price"
    told = re.findall(r"(\d+) 个工作日", content.plain)
    if told and str(content.promise_days) not in told:
        yield f"the plain words promise {told} days"
    if content.visits == 0 and any(word in content.plain for word in ("来一次", "到窗口领")):
        yield "no visit, and yet one is told to come"
    if content.visits and "不用跑" in content.plain:
        yield "a visit, and yet one is told that none is needed"


def test_a_clerk_and_a_grandmother_find_nothing_to_ask(sample: SampleGuide) -> None:
    assert list(a_clerk_would_ask(sample)) == []


def test_what_was_once_wrong_is_seen() -> None:
    renewal = next(one for one in GUIDES if one.item.name == "居民身份证换领")
    guardian = next(rule for rule in renewal.content.materials if rule.key == "guardian_card")
    first = msgspec.structs.replace(renewal.content.fees[0], name="居民身份证工本费（首次申领）", amount_fen=0)
    wrong = msgspec.structs.replace(
        renewal.content,
        fees=[*renewal.content.fees, first],
        materials=[msgspec.structs.replace(guardian, when=None)],
        plain="换证 30 元，3 个工作日，不用跑。",
    )
    assert len(list(a_clerk_would_ask(SampleGuide(renewal.item, renewal.reason, wrong)))) == 5
