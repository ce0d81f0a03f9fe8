"""`navigator`: a layer for the ATT&CK Navigator, version 4.5: what was found, watched, or could not be seen."""

from collections.abc import Iterator
from typing import ClassVar, Final

from kwho.outputs import json_bytes, pruned
from kwho.reports.attack import SCORES, tactics, techniques
from kwho.reports.scan import ScanDocument
from kwho.reports.words import counted, doer, interval, name_of
from kwho.schema.finding import SEVERITIES, Finding

LAYER: Final = "4.5"
"""The version of the layer format."""
NAVIGATOR: Final = "5.1.0"
ATTACK: Final = "17"
FOUND: Final = ("#f6c344", "#b3261e")
"""Colours of the least and the highest score."""
WATCHED: Final = "#dfe9dc"
BLIND: Final = "#c9ccd1"
LISTED: Final = 10
"""Titles and principals named per technique."""
NAMED: Final = 1_000
"""Findings named per technique, and beside all techniques."""

Json = dict[str, object]


class Navigator:
    """One layer: scores of techniques that findings name; rules without findings colour the rest."""

    name: ClassVar[str] = "navigator"
    suffixes: ClassVar[tuple[str, ...]] = (".layer.json",)
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The layer, a piece per technique."""
        yield json_bytes(_head(scan))[:-1] + b',"techniques":['
        for at, technique in enumerate(_techniques(scan)):
            yield (b",\n" if at else b"\n") + json_bytes(pruned(technique))
        yield b"]}\n"


def _head(scan: ScanDocument) -> Json:
    found = counted(len(scan.ranked), "finding")
    incidents = counted(len(scan.result.incidents), "incident")
    return {
        "name": f"kwho: {interval(scan.result.span)}",
        "versions": {"attack": ATTACK, "navigator": NAVIGATOR, "layer": LAYER},
        "domain": "enterprise-attack",
        "description": f"{incidents} and {found} in a Kubernetes audit log. Scores are severities.",
        "filters": {"platforms": ["Containers"]},
        "sorting": 3,
        "hideDisabled": False,
        "gradient": {"colors": list(FOUND), "minValue": 0, "maxValue": 100},
        "metadata": [
            {"name": finding.id, "value": f"{finding.title}, by {doer(finding)}"} for finding in _nameless(scan)
        ],
        "legendItems": [
            {"label": "found; the darker, the graver", "color": FOUND[1]},
            {"label": "watched by rules that found nothing", "color": WATCHED},
            {"label": "every rule for it is blind on this log", "color": BLIND},
        ],
    }


def _nameless(scan: ScanDocument) -> list[Finding]:
    """Findings of rules that name no technique."""
    return [finding for finding in scan.ranked if not techniques(finding.rule.tags)][:NAMED]


def _techniques(scan: ScanDocument) -> Iterator[Json]:
    """One entry per technique, in order of its id."""
    found: dict[str, list[Finding]] = {}
    for finding in scan.ranked:
        for technique in techniques(finding.rule.tags):
            found.setdefault(technique, []).append(finding)
    watching: dict[str, list[str]] = {}
    for rule in scan.rules.values():
        for technique in techniques(rule.tags):
            watching.setdefault(technique, []).append(rule.id)
    blind = {entry.rule for entry in scan.result.blind}
    for technique in sorted(found.keys() | watching.keys()):
        yield _hit(technique, found[technique]) if technique in found else _unhit(technique, watching, blind, scan)


def _hit(technique: str, found: list[Finding]) -> Json:
    top = max(found, key=lambda finding: SEVERITIES.index(finding.severity))
    titles = list(dict.fromkeys(finding.title for finding in found))
    return {
        "techniqueID": technique,
        "score": SCORES[top.severity],
        "comment": f"{counted(len(found), 'finding')}: {'; '.join(titles[:LISTED])}",
        "enabled": True,
        "showSubtechniques": "." in technique,
        "metadata": [
            {"name": "severity", "value": top.severity},
            {"name": "findings", "value": ", ".join(finding.id for finding in found[:NAMED])},
            {"name": "principals", "value": ", ".join(_principals(found))},
            {"name": "tactics", "value": ", ".join(tactics(top.rule.tags)) or "none"},
        ],
    }


def _principals(found: list[Finding]) -> list[str]:
    return list(dict.fromkeys(name_of(finding.principal.user) for finding in found))[:LISTED]


def _unhit(technique: str, watching: dict[str, list[str]], blind: set[str], scan: ScanDocument) -> Json:
    rules = sorted(watching[technique])
    unseen = all(rule in blind for rule in rules)
    titles = "; ".join(scan.rules[rule].title for rule in rules[:LISTED])
    return {
        "techniqueID": technique,
        "color": BLIND if unseen else WATCHED,
        "comment": f"{'blind' if unseen else 'nothing found'}: {titles}",
        "enabled": True,
        "showSubtechniques": "." in technique,
    }
