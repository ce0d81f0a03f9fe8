"""MITRE ATT&CK out of the tags of a rule: `attack.t1098.006` is a technique, `attack.discovery` a tactic."""

import re
from typing import Final

from kwho.schema.finding import Severity

TACTICS: Final = {
    "reconnaissance": "TA0043",
    "resource-development": "TA0042",
    "initial-access": "TA0001",
    "execution": "TA0002",
    "persistence": "TA0003",
    "privilege-escalation": "TA0004",
    "defense-evasion": "TA0005",
    "stealth": "TA0005",
    "defense-impairment": "TA0112",
    "credential-access": "TA0006",
    "discovery": "TA0007",
    "lateral-movement": "TA0008",
    "collection": "TA0009",
    "command-and-control": "TA0011",
    "exfiltration": "TA0010",
    "impact": "TA0040",
}
"""Tactics of the enterprise matrix: the name in a Sigma tag and the identifier.

Since version 19 of ATT&CK the tactic Defense Evasion is two, and the first of them bears its identifier; tags of both
times are understood.
"""

SCORES: Final[dict[Severity, int]] = {"informational": 10, "low": 30, "medium": 50, "high": 75, "critical": 95}
"""A number from 0 to 100 for consumers that sort by number."""

_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)


def techniques(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Technique ids in the order of the tags: `T1098.006`."""
    return tuple(match[1].upper() for tag in tags if (match := _TECHNIQUE.fullmatch(tag)))


def tactics(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tactic names in the order of the tags: `credential-access`; underscores count as hyphens."""
    named = (tag.lower().removeprefix("attack.").replace("_", "-") for tag in tags)
    return tuple(name for name in named if name in TACTICS)


def title_of(tactic: str) -> str:
    """`credential-access` as `Credential Access`."""
    return " ".join(word if word == "and" else word.capitalize() for word in tactic.split("-"))
