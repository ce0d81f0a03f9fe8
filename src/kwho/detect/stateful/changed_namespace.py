"""The Pod Security labels of a namespace before and after a request."""

import re
from collections.abc import Iterator
from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.things.namespaces import MODES, PodSecurity

LEVELS: Final = {"privileged": 0, "baseline": 1, "restricted": 2}
"""The Pod Security Standards, from the one that refuses nothing."""
LATEST: Final = 1 << 30

_VERSION: Final = re.compile(r"v1\.(\d{1,4})", re.ASCII)


class ChangedNamespace:
    """Tells which labels a request lowered; nothing when the former ones are unknown."""

    kinds = ("namespaces",)
    fields: Final = {
        "podSecurity.lowered": "Modes (`enforce`, `audit`, `warn`) whose label refuses less than before or is gone, "
        "and versions (`enforce-version` …) that were set back.",
        "podSecurity.before": "The former labels, as `mode=value`.",
        "podSecurity.after": "The labels after the request, as `mode=value`.",
    }

    def tell(self, case: Case) -> Claim:
        """The labels on both sides of the request, and those that were lowered."""
        thing = case.told.fact.thing
        former = case.world.before(thing, case.moment)
        after, before = case.world.at(thing, case.moment).content, former.content
        if not isinstance(after, PodSecurity) or not isinstance(before, PodSecurity):
            return Claim({})
        return Claim(
            {
                "podSecurity.lowered": tuple(_lowered(before, after)),
                "podSecurity.before": tuple(f"{mode}={value}" for mode, value in before.labels),
                "podSecurity.after": tuple(f"{mode}={value}" for mode, value in after.labels),
            }
        )


def _lowered(before: PodSecurity, after: PodSecurity) -> Iterator[str]:
    for mode in MODES:
        rank = _version if mode.endswith("-version") else _level
        if rank(after.value(mode)) < rank(before.value(mode)):
            yield mode


def _level(value: str | None) -> int:
    """The level that a label means; without one nothing is refused, and an unknown word is the strictest."""
    return 0 if value is None else LEVELS.get(value, LEVELS["restricted"])


def _version(value: str | None) -> int:
    """The minor version that a label pins; without one, and for anything else, the latest."""
    found = _VERSION.fullmatch(value or "")
    return int(found[1]) if found else LATEST
