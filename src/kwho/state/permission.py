"""Whether some permissions hold another, by the wildcards that RBAC knows; texts are those of `views.grants`."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

EVERY: Final = "*"
WIDE: Final = 200
"""Held permissions with a wildcard that are looked at; of more, the others hold nothing but themselves."""


def lacking(held: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """The wanted permissions that none of the held ones holds, in their order."""
    own = dict.fromkeys(held)
    wide = tuple(islice((text for text in own if EVERY in text), WIDE))
    return tuple(
        text
        for text in wanted
        if not (text in own or text.partition("[")[0] in own or any(_holds(each, text) for each in wide))
    )


def _holds(held: str, wanted: str) -> bool:
    """True when one permission holds another; one that is bound to a name holds none but itself."""
    verb, _, thing = held.partition(":")
    wanted_verb, _, wanted_thing = wanted.partition(":")
    if verb not in (EVERY, wanted_verb):
        return False
    if _is_path(thing) or _is_path(wanted_thing):
        return thing == wanted_thing or (thing == EVERY and wanted_thing.startswith("/"))
    group, _, resource = thing.partition("/")
    wanted_group, _, wanted_resource = wanted_thing.partition("/")
    return group in (EVERY, wanted_group) and _spans(resource, wanted_resource)


def _is_path(thing: str) -> bool:
    return thing == EVERY or thing.startswith("/")


def _spans(resource: str, wanted: str) -> bool:
    bare = wanted.partition("[")[0]
    below = bare.partition("/")[2]
    return resource in (EVERY, wanted, bare) or (bool(below) and resource == f"{EVERY}/{below}")
