from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import pytest

from kwho import plugins
from kwho.detect.examples import Story, lines_of, read_stories
from kwho.detect.rule import Rule, RuleSet
from kwho.detect.sigma import load_rules
from kwho.detect.site import read_inline
from kwho.query.ast import Node
from kwho.query.match import compile_node
from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.site import Surroundings

Sources = tuple[tuple[str, str], ...]


class Pack(NamedTuple):
    sources: Sources
    rules: RuleSet
    stories: tuple[Story, ...]

    def plain(self) -> list[tuple[Rule, list[Story]]]:
        """Each rule that judges one request by its events alone, with its stories."""
        alone = [rule for rule in self.rules.rules if rule.state is None]
        return [(rule, [story for story in self.stories if story.rule == rule.id]) for rule in alone]


@lru_cache(maxsize=1)
def _pack() -> Pack:
    sources = tuple((source.path, source.text) for source in plugins.read_pack())
    return Pack(sources, load_rules(sources), tuple(read_stories(sources)))


@pytest.fixture(scope="session")
def pack() -> Pack:
    return _pack()


@lru_cache(maxsize=2_048)
def _compiled(node: Node) -> Callable[[Look], bool]:
    return compile_node(node)


@pytest.fixture(scope="session")
def matches() -> Callable[..., bool]:
    """Whether a condition matches one of the events, with what a site file says."""
    context = Context(format="native")

    def matched(node: Node, events: Sequence[Event], site: dict[str, Any] | None = None) -> bool:
        test, around = _compiled(node), Surroundings(read_inline(site)) if site else None
        return any(test(Look(event, context, around)) for event in events)

    return matched


@pytest.fixture(scope="session")
def whole() -> Callable[[Story], list[Event]]:
    """The events of a story, decoded."""
    decode = msgspec.json.Decoder(Event).decode

    def events(story: Story) -> list[Event]:
        return [decode(line) for line in lines_of(story.example)]

    return events
