"""Handing in an application over HTTP, beside a bare handler that writes the same rows in one statement.

Ours does all a citizen's phone is promised: who asks, the key of the deed, the guide's rules, five answers and three
stored files, the steps and clocks, the stored answer. The limit is Sanic and one statement that writes as many rows in
the same tables of the same database, as durably. Three pairs, in turn, and the median of their ratios.
"""

from __future__ import annotations

CLIENTS = 32
ROUNDS = 3
SECONDS = 3.0
WARM_UP = 1.0
# More than can be handed in in the time, so that everybody comes once.
PEOPLE = 6_000
FILES = 3
FORM = {
    "form": [
        {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"},
        {"key": "phone", "label": "电话", "type": "phone", "required": True},
        {"key": "home", "label": "住址", "type": "address", "required": True},
        {"key": "since", "label": "起始日", "type": "date", "required": True},
        {"key": "reason", "label": "理由", "type": "long_text", "required": True, "max_length": 200},
    ]
}
ANSWERS = {
    "name": "王小明",
    "phone": "13800000001",
    "home": "颍上县慎城镇一路1号",
    "since": "2026-01-05",
    "reason": "年满八十",
}
