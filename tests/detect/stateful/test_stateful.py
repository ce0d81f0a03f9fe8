from pathlib import Path
from typing import Any

import pytest

from kwho.detect.stateful import LISTED, Case, listed, names, view
from kwho.state.access import Access
from kwho.state.fact import NOBODY, Fact, Thing, Told
from kwho.state.things import kinds
from kwho.state.world import World

PAGE = (Path(__file__).parents[3] / "docs/reference/rules.md").read_text("utf-8")


@pytest.mark.parametrize("name", names())
def test_every_view_tells_of_known_kinds_and_documents_its_fields(name: str) -> None:
    member = view(name)
    assert member.kinds
    assert set(member.kinds) <= set(kinds())
    assert member.fields
    assert all(text.endswith(".") and len(text) >= 15 for text in member.fields.values())
    assert all(line.endswith(".") for line in [(type(member).__doc__ or "").split("\n")[0]])


@pytest.mark.parametrize("name", names())
def test_a_view_of_what_nobody_told_tells_no_more_than_that(name: str) -> None:
    class At:
        time, key, rank, file, offset, within = 5, 1, 0, 0, 0, 0

    member: Any = view(name)
    for kind in member.kinds:
        told = Told(Fact(Thing(kind, None, "shop", "x"), "changed", NOBODY), At())
        for facts in ([], [told]):
            found = World(facts)
            claim = member.tell(Case(told, found, Access(found)))
            assert set(claim.values) <= set(member.fields)


@pytest.mark.parametrize("name", names())
def test_every_field_of_a_view_is_described(name: str) -> None:
    for key, text in view(name).fields.items():
        assert f"| `{name}` | `state.{key}` | {text} |" in PAGE


def test_an_unknown_view_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        view("nothing")


def test_long_lists_are_cut() -> None:
    assert len(listed(("x",) * 999)) == LISTED
