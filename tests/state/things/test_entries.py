from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


@pytest.mark.parametrize("way", ["exec", "attach", "portforward"])
@pytest.mark.parametrize("verb", ["get", "create"])
def test_every_way_into_a_pod_is_an_entry(event: Make, world: Make, way: str, verb: str) -> None:
    found = world(event(verb, f"pods/{way}", "p", responseStatus={"code": 101}))
    [(entry, told)] = found.entries("c1", "shop", "p")
    assert entry.way == way
    assert told.fact.actor.user == "ana"
    assert not entry.plain
    assert entry.onto(entry) is entry


def test_a_refused_entry_is_none(event: Make, told: Make) -> None:
    assert told(event("get", "pods/exec", "p", responseStatus={"code": 403})) == []
    assert told(event("get", "pods/log", "p")) == []
