"""The message templates both accounts have taken from the public library, read from data files."""

from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["SERVICE_FILE", "Template", "TemplateField", "read_templates"]

FILE = Path(__file__).parent.parent / "data" / "templates.json"
SERVICE_FILE = FILE.with_name("service_templates.json")
TYPE_NUMBER = {"once": 2, "long": 3}


class TemplateField(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    label: str
    example: str
    choices: list[str] = []


class Template(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    id: str
    slug: str
    tid: int
    title: str
    kind: Literal["once", "long", "service"]
    category: str
    fields: list[TemplateField]

    def official(self) -> dict[str, object]:
        """One row of gettemplate: type 2 is one-time, 3 long-term."""
        row: dict[str, object] = {
            "priTmplId": self.id,
            "title": self.title,
            "content": self.content(),
            "example": self.example(),
            "type": TYPE_NUMBER[self.kind],
        }
        choices = [
            {"keywordCode": f"{field.key}.DATA", "enumValueList": field.choices}
            for field in self.fields
            if field.choices
        ]
        return {**row, "keywordEnumValueList": choices} if choices else row

    def content(self) -> str:
        return "".join(f"{field.label}:{{{{{field.key}.DATA}}}}\n" for field in self.fields)

    def example(self) -> str:
        return "".join(f"{field.label}:{field.example}\n" for field in self.fields)


def read_templates(file: Path = FILE) -> dict[str, Template]:
    rows = msgspec.json.decode(file.read_bytes(), type=list[Template])
    return {row.id: row for row in rows}
