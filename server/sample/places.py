"""Halls, windows and departments of the sample county; the towns are those of the area code list."""

from __future__ import annotations

import json
from pathlib import Path

from server.actor import System
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, HallView, PlaceIn

COUNTY = "341226"
COUNTY_HALL = "county"
HOURS = "工作日 8:30–12:00，14:00–17:30"
COUNTY_HOURS = f"{HOURS}；晚间和周末有值班窗口"
ACTOR = System(name="seed-demo")

_DEPARTMENTS = Path(__file__).parent / "departments.json"

# The notice wants ten all-purpose windows in the county hall; each is staffed with what is asked for most.
_COUNTY_WINDOWS = (
    ("general", "market", "health"),
    ("general", "market", "health"),
    ("general", "market"),
    ("general", "property"),
    ("general", "property"),
    ("general", "police"),
    ("general", "police", "civil"),
    ("general", "social", "medical"),
    ("general", "social", "civil"),
    ("general", "market", "health", "property", "police", "social", "civil", "medical", "finance"),
)

# And in every town five fixed windows and one for everything.
_TOWN_WINDOWS = (
    ("公安窗口", ("police",)),
    ("民政窗口", ("civil",)),
    ("财政窗口", ("finance",)),
    ("社保窗口", ("social",)),
    ("市场监管窗口", ("market",)),
    ("一窗受理窗口", ("general", "police", "civil", "finance", "social", "market")),
)


async def departments() -> dict[str, DepartmentView]:
    """Set up the departments; gives them by key. Their credit codes pass both checks and belong to nobody."""
    listed = json.loads(_DEPARTMENTS.read_text("utf-8"))
    return {
        key: await catalogue.upsert_department(
            ACTOR, key, one["name"], region_code=COUNTY, uscc=one["uscc"], phone=one["phone"], sample=True
        )
        for key, one in listed.items()
    }


async def halls() -> dict[str, HallView]:
    """Set up the county hall and a centre in each of the 30 towns; gives them by key."""
    county = PlaceIn(
        key=COUNTY_HALL,
        name="颍上县政务服务中心（样例）",
        kind="hall",
        region_code=COUNTY,
        address="安徽省阜阳市颍上县慎城镇样例路 1 号",
        hours_text=COUNTY_HOURS,
        phone="0558-00001000",
        latitude=32.6375,
        longitude=116.2562,
        sample=True,
    )
    found = {COUNTY_HALL: await catalogue.upsert_hall(ACTOR, county)}
    for number, skills in enumerate(_COUNTY_WINDOWS, 1):
        await catalogue.upsert_window(
            ACTOR, found[COUNTY_HALL].id, number, name=f"综合窗口 {number} 号", skills=list(skills)
        )
    for town in await catalogue.regions(COUNTY):
        found[town_key(town.code)] = await _town(town.code, town.name)
    return found


def town_key(code: str) -> str:
    """Name the centre of a town, as guides do."""
    return f"town_{code}"


async def _town(code: str, name: str) -> HallView:
    place = PlaceIn(
        key=town_key(code),
        name=f"{name}为民服务中心（样例）",
        kind="town_centre",
        region_code=code,
        address=f"安徽省阜阳市颍上县{name}样例路 1 号",
        hours_text=HOURS,
        phone=f"0558-0000{code[-4:]}",
        sample=True,
    )
    found = await catalogue.upsert_hall(ACTOR, place)
    for number, (window, skills) in enumerate(_TOWN_WINDOWS, 1):
        await catalogue.upsert_window(ACTOR, found.id, number, name=window, skills=list(skills))
    return found
