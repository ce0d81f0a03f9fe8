"""`sarif`: SARIF 2.1.0 for code-scanning screens; each result points to the line and byte of the log that proves it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar, Final
from urllib.parse import quote

from kwho.detect.rule import Correlation, Rule
from kwho.outputs import json_bytes
from kwho.reports.attack import SCORES
from kwho.reports.finding import shown_value
from kwho.reports.scan import DIFFERS, ScanDocument, health_line
from kwho.reports.summary import summary
from kwho.reports.words import counted, doer, interval, object_of
from kwho.schema.finding import Citation, Finding, RuleRef, Severity
from kwho.schema.ledger import Problem

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
RELATED: Final = 100
"""Citations beside the first one; `eventsTotal` has the number of all."""

_LEVELS: Final[dict[Severity, str]] = {
    "informational": "none",
    "low": "note",
    "medium": "warning",
    "high": "error",
    "critical": "error",
}

_BRACKETS: Final = re.compile(r"[\\\[\]]")

Json = dict[str, object]


class Sarif:
    """One SARIF log with one run."""

    name: ClassVar[str] = "sarif"
    suffixes: ClassVar[tuple[str, ...]] = (".sarif", ".sarif.json")
    binary: ClassVar[bool] = False

    def check(self) -> None:
        """Nothing beyond kwho is needed."""

    def render(self, scan: ScanDocument) -> Iterator[bytes]:
        """The log, a piece per result."""
        rules = {finding.rule.id: finding.rule for finding in scan.ranked}
        places = {rule: at for at, rule in enumerate(rules)}
        driver: Json = {
            "name": "kwho",
            "semanticVersion": scan.result.versions.get("kwho", "0.0.0"),
            "rules": [_rule(rule, scan.rules.get(rule.id)) for rule in rules.values()],
        }
        yield (
            b'{"version":"2.1.0","$schema":'
            + json_bytes(SCHEMA)
            + b',"runs":[{"tool":'
            + json_bytes({"driver": driver})
        )
        yield b',"columnKind":"unicodeCodePoints","invocations":' + json_bytes([_invocation(scan)])
        told: Json = {"summary": summary(scan.result), "incidents": scan.result.incidents}
        yield b',"properties":' + json_bytes(told) + b',"results":['
        for at, finding in enumerate(scan.ranked):
            yield (b",\n" if at else b"\n") + json_bytes(
                _result(finding, places[finding.rule.id], scan.belonging.get(finding.id))
            )
        yield b"]}]}\n"


def _rule(rule: RuleRef, told: Rule | Correlation | None) -> Json:
    about = " ".join(told.description.split()) if told else ""
    lines = [about or rule.title]
    if told and told.falsepositives:
        lines.append(f"Harmless when: {' '.join(told.falsepositives)}")
    if told and told.response:
        lines.append(f"What to do: {' '.join(told.response)}")
    lines.append(f"More: kwho rules show {rule.id}")
    return {
        "id": rule.id,
        "name": rule.title,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": about or rule.title},
        "help": {"text": "\n".join(lines)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {
            "tags": ["security", *rule.tags],
            "detections": rule.detections,
            "security-severity": f"{SCORES[rule.level] / 10:.1f}",
        },
    }


def _result(finding: Finding, place: int, incident: str | None) -> Json:
    text = f"{finding.title}: {doer(finding)}, {object_of(finding)}, {finding.outcome or DIFFERS}, "
    text += f"{counted(finding.count, 'request')}, {interval(finding.time)}"
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": place,
        "kind": "informational" if finding.severity == "informational" else "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": _literal(text)},
        "locations": [_location(cited) for cited in finding.events[:1]],
        "relatedLocations": [{"id": at} | _location(cited) for at, cited in enumerate(finding.events[1 : 1 + RELATED])],
        "partialFingerprints": {"kwhoFindingId/v1": finding.id},
        "rank": float(SCORES[finding.severity]),
        "occurrenceCount": max(1, finding.count),
        "properties": {
            "severity": finding.severity,
            "principal": finding.principal,
            "source": finding.source,
            "target": finding.target,
            "cluster": finding.cluster,
            "incident": incident,
            "eventsTotal": finding.events_total,
            "evidence": [f"{item.clause}: {item.field} = {shown_value(item)}" for item in finding.evidence],
            "reasons": finding.reasons,
        },
    } | _suppressed(finding)


def _suppressed(finding: Finding) -> Json:
    """What SARIF calls suppressed is what an exclusion leaves out; it is listed only when somebody asked for it."""
    if not isinstance(finding.excluded, str):
        return {}
    reason = finding.reasons[-1] if finding.reasons else finding.excluded
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": _literal(reason)}]}


def _literal(text: str) -> str:
    """A message without embedded links: SARIF reads `[text](target)` even in plain text."""
    return _BRACKETS.sub(r"\\\g<0>", text)


def _location(cited: Citation) -> Json:
    place = _place(cited.file, cited.line, cited.offset)
    return {"physicalLocation": place, "properties": {"auditID": cited.audit_id, "index": cited.index}}


def _place(file: str, line: int, offset: int) -> Json:
    region: Json = {"byteOffset": max(0, offset), "byteLength": 0}
    return {"artifactLocation": {"uri": _uri(file)}, "region": ({"startLine": line} | region) if line > 0 else region}


@lru_cache(maxsize=1024)
def _uri(path: str) -> str:
    quoted = quote(path, safe="/", errors="backslashreplace")
    return f"file://{quoted}" if path.startswith("/") else quoted


def _invocation(scan: ScanDocument) -> Json:
    told: Json = {
        "executionSuccessful": scan.result.complete,
        "toolExecutionNotifications": [_notification(problem) for problem in scan.result.problems],
        "properties": {"complete": scan.result.complete, "ruleHealth": health_line(scan.result)},
    }
    return told | {"commandLine": scan.command} if scan.command else told


def _notification(problem: Problem) -> Json:
    return {
        "level": "warning",
        "message": {"text": _literal(f"{problem.kind}: {problem.reason}")},
        "locations": [{"physicalLocation": _place(problem.file, problem.line, problem.offset)}],
    }
