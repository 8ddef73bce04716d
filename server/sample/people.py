"""The sample people and staff: who they are, what they carry, and who may act for whom. Nobody of them exists.

Numbers have sequence 000, which is never issued; telephone numbers begin with 199000. Passwords are for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.actor import Role
from server.kit.checks import sample_resident_id, sample_uscc

COUNTY = "341226"
PASSWORD = "ying-shang-2026"  # noqa: S105 - shown by every demo, refused in production with the rest of the sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name and a number as the authority knows them."""

    name: str
    number: str
    kind: str = "resident_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePerson(Named):
    """Somebody with a phone. `ready` have used it before; the others begin as anybody does: by giving their number."""

    key: str
    phone: str
    about: str = ""
    ready: bool = False
    elder_mode: bool = False

    @property
    def caption(self) -> str:
        """Say under the name who this is, or what to type when a real name is asked for."""
        paper = "护照号" if self.kind == "passport" else "身份证号"
        return self.about if self.ready else f"{paper} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEnterprise:
    """An enterprise, the key of who represents it, and the keys of who may act for it."""

    name: str
    uscc: str
    legal_person: str
    clerks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStaff:
    """One account at the desk. `scopes` are keys of halls, or codes of regions, as the role has it."""

    username: str
    name: str
    role: Role
    scopes: tuple[str, ...]


def _number(born: date, area: str = COUNTY) -> str:
    return sample_resident_id(area, born)


PEOPLE: tuple[SamplePerson, ...] = (
    SamplePerson(
        key="li-ming",
        name="李明",
        number=_number(date(1990, 5, 17)),
        phone="19900000001",
    ),
    SamplePerson(
        key="zhang-guilan",
        name="张桂兰",
        about="78 岁，用大字",
        number=_number(date(1948, 3, 12)),
        phone="19900000002",
        ready=True,
        elder_mode=True,
    ),
    SamplePerson(
        key="wang-fang",
        name="王芳",
        about="替女儿王小雨办事的妈妈",
        number=_number(date(1988, 11, 3)),
        phone="19900000003",
        ready=True,
    ),
    SamplePerson(
        key="chen-jianguo",
        name="陈建国",
        about="餐饮公司的法定代表人",
        number=_number(date(1975, 9, 20)),
        phone="19900000004",
        ready=True,
    ),
    SamplePerson(
        key="liu-yang",
        name="刘洋",
        about="餐饮公司的经办人",
        number=_number(date(1995, 2, 8)),
        phone="19900000005",
        ready=True,
    ),
    SamplePerson(
        key="siqingaowa",
        name="孟和巴雅尔·斯琴高娃",
        number=_number(date(1992, 7, 24), "152525"),
        phone="19900000006",
    ),
    SamplePerson(
        key="maria",
        name="MARIA ANTONIA SAMPLE",
        kind="passport",
        number="E00000000",
        phone="19900000007",
    ),
)

# Whoever else comes to the halls of the sample county: their phones are not shown.
VISITORS: tuple[SamplePerson, ...] = tuple(
    SamplePerson(key=key, name=f"{surname}样例", number=_number(born), phone=f"1990000020{place}", ready=True)
    for place, (key, surname, born) in enumerate(
        (
            ("visitor-zhou", "周", date(1986, 4, 9)),
            ("visitor-wu", "吴", date(1979, 8, 21)),
            ("visitor-zheng", "郑", date(1991, 1, 30)),
            ("visitor-han", "韩", date(1983, 12, 5)),
            ("visitor-peng", "彭", date(1968, 6, 18)),
            ("visitor-cao", "曹", date(1972, 10, 11)),
        )
    )
)
GRANDCHILD = Named(name="彭小样", number=_number(date(2019, 3, 15)))

GUARDIAN = "wang-fang"
CHILD = Named(name="王小雨", number=_number(date(2017, 6, 1)))

ENTERPRISES: tuple[SampleEnterprise, ...] = (
    SampleEnterprise(
        name="颍上县样例餐饮有限公司",
        uscc=sample_uscc(COUNTY, "MA0DEM01"),
        legal_person="chen-jianguo",
        clerks=("liu-yang",),
    ),
)

STAFF: tuple[SampleStaff, ...] = (
    SampleStaff(username="clerk1", name="赵敏", role=Role.CLERK, scopes=("county",)),
    SampleStaff(username="clerk2", name="钱进", role=Role.CLERK, scopes=("town_341226100",)),
    SampleStaff(username="reviewer1", name="孙立", role=Role.REVIEWER, scopes=(COUNTY,)),
    SampleStaff(username="reviewer2", name="李衡", role=Role.REVIEWER, scopes=(COUNTY,)),
    SampleStaff(username="manager1", name="周岚", role=Role.HALL_MANAGER, scopes=(COUNTY,)),
    SampleStaff(username="supervisor1", name="吴正", role=Role.SUPERVISOR, scopes=(COUNTY,)),
    SampleStaff(username="auditor1", name="郑清", role=Role.AUDITOR, scopes=(COUNTY,)),
    SampleStaff(username="evaluator1", name="卫评", role=Role.EVALUATOR, scopes=(COUNTY,)),
    SampleStaff(username="admin1", name="冯涛", role=Role.ADMINISTRATOR, scopes=(COUNTY,)),
    SampleStaff(username="admin2", name="褚敏", role=Role.ADMINISTRATOR, scopes=(COUNTY,)),
)
