"""Truth against answer: what was found and by what, what was missed and why, and what was said of honest work."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec
from bench.detection.answer import LOUD, Answer, Claim, Request
from bench.detection.truth import Step, Truth

from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.schema.finding import SEVERITIES, Severity

Verdict = Literal["told", "aside", "unrecorded", "no rule", "blind", "quiet", "wrong"]
"""Of a step or an attack.

told: a finding speaks of it. aside (steps only): a finding from low on cites it, but none of a rule that the label
expects. unrecorded: the log holds no answer to any of its requests. no rule: no row of the catalog that may
speak of it has a rule. blind: every such rule is blind on this log, by its own health. quiet (attacks only): the rows
have rules, none of them above low. wrong: a rule could have seen it and did not.
"""


class Attack(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attack: `rules` above low that told it, its steps by verdict, `seconds` until the first such finding."""

    verdict: Verdict
    severity: Severity | None = None
    rules: tuple[str, ...] = ()
    steps: dict[Verdict, int] = {}
    incidents: int = 0
    linked: int = 0
    """Steps of which an incident above low cites a request."""
    seconds: float | None = None


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """The measure of one answer; what was said of honest work is counted by place, and by rule."""

    events: int
    hours: float
    attacks: dict[str, Attack] = {}
    missed: tuple[str, ...] = ()
    """The steps that no finding tells, each with its verdict."""
    false: dict[str, dict[str, int]] = {}
    false_incidents: dict[str, int] = {}
    attacks_per_incident: float | None = None
    glued: int = 0
    """Incidents that hold attacks of parties who have nothing to do with each other."""

    @property
    def found(self) -> frozenset[str]:
        """The attacks that a finding above low tells."""
        return frozenset(name for name, attack in self.attacks.items() if attack.verdict == "told")

    @property
    def steps(self) -> Counter[Verdict]:
        """All steps by verdict."""
        return sum((Counter(attack.steps) for attack in self.attacks.values()), Counter())


@dataclass(frozen=True)
class Rows:
    """Which rules implement a row of the detection catalog, and which of them speak above low."""

    rules: Mapping[str, frozenset[str]]
    loud: frozenset[str]

    def of(self, rows: Collection[str]) -> frozenset[str]:
        """The rules of these rows."""
        return frozenset().union(*(self.rules.get(row, frozenset()) for row in rows))


def rows(rules: RuleSet) -> Rows:
    """The rows that a rule set implements; rules that only feed correlations speak of nothing themselves."""
    found: dict[str, frozenset[str]] = {}
    speaking: list[Rule | Correlation] = [rule for rule in rules.rules if not rule.silent]
    speaking += rules.correlations
    for rule in speaking:
        for row in rule.detections:
            found[row] = found.get(row, frozenset()) | {rule.id}
    return Rows(found, frozenset(rule.id for rule in speaking if SEVERITIES.index(rule.level) >= LOUD))


def score(truth: Truth, answer: Answer, implemented: Rows, requests: Mapping[str, Request]) -> Score:
    """Compare by audit id; `requests` are those of the log."""
    told: dict[str, list[Claim]] = {}
    for claim in answer.claims:
        for audit_id in claim.audit_ids:
            told.setdefault(audit_id, []).append(claim)
    case = _Case(truth, answer, implemented, requests, told)
    verdicts = {name: tuple(case.verdict(step) for step in steps) for name, steps in truth.attacks.items()}
    judged = [pair for name, steps in truth.attacks.items() for pair in zip(steps, verdicts[name], strict=True)]
    loud = [incident.audit_ids for incident in answer.incidents if incident.loud]
    blamed = [attacks for ids in loud if (attacks := truth.blamed(ids))]
    return Score(
        events=answer.events,
        hours=round(answer.hours, 3),
        attacks={name: case.attack(name, found) for name, found in verdicts.items()},
        missed=tuple(f"{step.named} ({verdict})" for step, verdict in judged if verdict != "told" and step.rows),
        false=_false(truth, answer),
        false_incidents=dict(sorted(Counter(truth.place(ids) for ids in loud if not truth.blamed(ids)).items())),
        attacks_per_incident=round(sum(map(len, blamed)) / len(blamed), 2) if blamed else None,
        glued=sum(truth.strangers(attacks) > 1 for attacks in blamed),
    )


def _false(truth: Truth, answer: Answer) -> dict[str, dict[str, int]]:
    """Findings above low that cite honest work only."""
    false: dict[str, Counter[str]] = {}
    for claim in answer.claims:
        if claim.loud and not truth.blamed(claim.audit_ids):
            false.setdefault(truth.place(claim.audit_ids), Counter())[claim.title] += 1
    return {place: dict(sorted(counts.items())) for place, counts in sorted(false.items())}


@dataclass(frozen=True)
class _Case:
    truth: Truth
    answer: Answer
    implemented: Rows
    requests: Mapping[str, Request]
    told: Mapping[str, list[Claim]]

    def verdict(self, step: Step) -> Verdict:
        claims = list(self._claims(step.audit_ids))
        if any(claim.rows.intersection(step.rows) for claim in claims):
            return "told"
        if any(claim.severity != "informational" for claim in claims):
            return "aside"
        if not any(self.requests[audit_id].answered for audit_id in step.audit_ids):
            return "unrecorded"
        rules = self.implemented.of(step.rows)
        if not rules:
            return "no rule"
        return "blind" if rules <= self.answer.blind else "wrong"

    def attack(self, name: str, verdicts: tuple[Verdict, ...]) -> Attack:
        steps, guilty = self.truth.attacks[name], self.truth.guilty[name]
        claims = {claim.id: claim for claim in self._claims(guilty)}.values()
        loud = [claim for claim in claims if claim.loud]
        incidents = [
            one.audit_ids for one in self.answer.incidents if one.loud and not guilty.isdisjoint(one.audit_ids)
        ]
        return Attack(
            verdict="told" if loud else self._why(steps, verdicts),
            severity=max((claim.severity for claim in claims), key=SEVERITIES.index, default=None),
            rules=tuple(sorted({claim.title for claim in loud})),
            steps=dict(Counter(verdict for step, verdict in zip(steps, verdicts, strict=True) if step.rows)),
            incidents=len(incidents),
            linked=sum(any(not step.audit_ids.isdisjoint(ids) for ids in incidents) for step in steps if step.rows),
            seconds=self._seconds(guilty, loud),
        )

    def _why(self, steps: tuple[Step, ...], verdicts: tuple[Verdict, ...]) -> Verdict:
        if all(verdict == "unrecorded" for verdict in verdicts):
            return "unrecorded"
        rules = self.implemented.of([row for step in steps for row in step.rows])
        if not rules:
            return "no rule"
        loud = rules & self.implemented.loud
        if not loud:
            return "quiet"
        return "blind" if loud <= self.answer.blind else "wrong"

    def _seconds(self, guilty: Collection[str], loud: Collection[Claim]) -> float | None:
        begin = self._first(guilty)
        known = [moment for claim in loud if (moment := self._moment(claim, guilty)) is not None]
        return round((min(known) - begin) / 1_000_000, 1) if known and begin is not None else None

    def _moment(self, claim: Claim, guilty: Collection[str]) -> int | None:
        """When a claim could be made: a rule's at the first request of the attack, a correlation's at its end."""
        if claim.correlated:
            return claim.until
        return self._first(claim.audit_ids.intersection(guilty))

    def _first(self, audit_ids: Collection[str]) -> int | None:
        return min((self.requests[one].moment for one in audit_ids if one in self.requests), default=None)

    def _claims(self, audit_ids: Collection[str]) -> Iterator[Claim]:
        return (claim for audit_id in audit_ids for claim in self.told.get(audit_id, ()))
