"""The desk's lists turn their pages both ways, whatever the list is made of."""

from __future__ import annotations

import pytest

from server.console.paging import MOST_STEPS, Paged, part, turns
from server.kit.paging import BadCursor


def test_one_comes_back_the_way_one_went() -> None:
    seen, query = [], Paged()
    for following in ("b", "c", None):
        seen.append(query.cursor)
        on = turns(query, following).on
        if on is None:
            break
        query = Paged(cursor=on["cursor"], trail=on["trail"])
    assert seen == [None, "b", "c"]
    while (back := turns(query, None).back) is not None:
        query = Paged(cursor=back.get("cursor"), trail=back.get("trail", ""))
        seen.append(query.cursor)
    assert seen == [None, "b", "c", "b", None]


def test_a_way_too_long_is_cut_at_its_beginning() -> None:
    query = Paged()
    for step in range(MOST_STEPS * 2):
        on = turns(query, f"c{step}").on
        assert on is not None
        query = Paged(cursor=on["cursor"], trail=on["trail"])
    assert len(query.trail.split(".")) == MOST_STEPS
    assert turns(Paged(cursor="x"), None).back == {}, "of an unknown way to the first page"


def test_a_list_at_hand_is_cut() -> None:
    assert part("abcde", Paged(), 2) == (["a", "b"], "2")
    assert part("abcde", Paged(cursor="4"), 2) == (["e"], None)
    assert part("abcde", Paged(cursor="99"), 2) == ([], None)
    for made_up in ("-1", "x", "٣", "9999999"):
        with pytest.raises(BadCursor):
            part("abcde", Paged(cursor=made_up), 2)
