"""What a view tells of the last of some events."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.state.conftest import event, told, world

from kwho.detect.stateful import Case, Claim, view
from kwho.state.access import Access
from kwho.state.world import World
from kwho.views import Look

__all__ = ["event", "told", "world"]


@pytest.fixture(scope="session")
def claim(told: Callable[..., Any]) -> Callable[..., Claim]:
    """What a view tells and cites of the last of some events, one a minute."""

    def claimed(name: str, *looks: Look) -> Claim:
        facts = [fact for number, look in enumerate(looks, 1) for fact in told(look, number * 60_000_000)]
        found, wanted, end = World(facts), view(name), len(looks) * 60_000_000
        kinds = wanted.kinds
        [last] = [fact for fact in facts if fact.sighting.key == end and fact.fact.thing.kind in kinds]
        return wanted.tell(Case(last, found, Access(found)))

    return claimed


@pytest.fixture(scope="session")
def tell(claim: Callable[..., Claim]) -> Callable[..., dict[str, Any]]:
    """What a view tells of the last of some events."""
    return lambda name, *looks: dict(claim(name, *looks).values)
