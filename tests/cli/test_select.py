"""The options that choose events."""

from typing import Any

import click
import pytest

from kwho.cli.select import select
from kwho.query.ast import And, Term

NOTHING: dict[str, Any] = dict.fromkeys(("where", "since", "until")) | dict.fromkeys(
    ("verbs", "users", "resources", "namespaces", "codes"), ()
)


def test_nothing_given_selects_everything() -> None:
    assert select(NOTHING) is None
    assert select(NOTHING | {"where": "  "}, " ") is None


def test_everything_given_must_hold() -> None:
    found = select(NOTHING | {"where": "verb:get", "since": "2026-01-05T10:00:00Z", "users": ("ana",)}, "code:200")
    assert isinstance(found, And)
    assert len(found.nodes) == 4
    assert found.nodes[0] == Term("requestReceivedTimestamp", "gte", (1_767_607_200_000_000,))


@pytest.mark.parametrize(
    "wrong",
    [{"where": "(("}, {"until": "soon"}, {"codes": ("many",)}, {"where": "user:\udcff"}, {"users": ("\udcff",)}],
    ids=ascii,
)
def test_a_mistake_is_a_usage_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(click.UsageError):
        select(NOTHING | wrong)


def test_the_state_is_for_rules_only() -> None:
    with pytest.raises(click.UsageError, match="only rules can ask for it"):
        select(NOTHING | {"where": "verb:get not state.pod.demands:hostPID"})
