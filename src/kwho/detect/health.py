"""Can a rule fire on this log at all? Active, blind, unknown: blindness needs evidence, and says what would cure it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Literal, NamedTuple

import msgspec

from kwho.detect.needs import derive_needs
from kwho.detect.novelty import days_of
from kwho.detect.question import split
from kwho.detect.rule import Correlation, Needs, Rule, RuleSet
from kwho.detect.vocabulary import locate
from kwho.profile.activity import Operation
from kwho.profile.recording import WRITES, Recording
from kwho.schema.event import LEVELS
from kwho.schema.result import Blind

CHANCES: Final = 20
"""Events that could have carried what a rule needs, and did not, before it is called blind."""

SITE: Final = "site."
"""Begins the names of what a site file tells, in `Needs.fields`."""
OF_SITE: Final = "a site file with "
"""Begins what a rule needs that a site file tells."""

CREDENTIALS: Final = "ids of credentials in user.extra"
"""Stands among the lost fields of a log in which no event carries one."""

_FOLLOWED: Final = ("moved_token", "strayed_token", "shared_credential")
_SEVERAL: Final = 2
_UNPLANNED: Final = "the given audit policy does not record it"
_UNSEEN: Final = "none of {} events that could have carried it did"

State = Literal["active", "blind", "unknown"]

Expected = Callable[[Needs], bool | None]
"""Whether a given audit policy records what is needed; None when it cannot tell."""


class Health(NamedTuple):
    """The state of one rule on one log, and why.

    `partly` names what an active rule cannot see: of its resources those that the log does not record well enough, of
    the rules of a correlation those that are blind, or partly so.
    """

    rule: str
    state: State
    blind: Blind | None = None
    partly: tuple[Blind, ...] = ()


class Log(NamedTuple):
    """What a log shows of itself: its operations, the fields that no event has, and the rules that it made fire.

    `lost` tells for each such field how many events there are, all of them without it; `days` how many UTC days have
    events; `site` which parts of a site file were given (`Site.parts`).
    """

    recording: Recording
    lost: Mapping[str, int]
    fired: Collection[str]
    days: int = 0
    site: Collection[str] = ()


def examine(rules: RuleSet, log: Log, expected: Expected | None = None) -> Iterator[Health]:
    """The health of every rule and correlation, in the order of the rule set.

    What fired is active, and so is a rule over several resources as soon as one of them is recorded: `partly` then
    says which of the others are not. A correlation over an order of events is as healthy as the least healthy of its
    rules, for it needs all of them; one that counts is as healthy as the healthiest. A rule on the state is as healthy
    as the worse of its halves. What learns from the log is blind on one that is too short for it.
    """
    states: dict[str, Health] = {}
    for rule in rules.rules:
        found = max((_health(half, log, expected) for half in _halves(rule)), key=lambda health: _ORDER[health.state])
        states[rule.id] = found._replace(partly=_partly(rule, log, expected)) if found.state == "active" else found
        yield states[rule.id]
    for correlation in rules.correlations:
        if correlation.fact is not None:
            yield _of_trail(correlation, log)
            continue
        joined = _joined(correlation, [states[name] for name in correlation.rules])
        yield _unlearnt(correlation, log) if correlation.combination and joined.state == "active" else joined


def _halves(rule: Rule) -> tuple[Rule, ...]:
    """A rule on the state needs the requests that tell the state, and those that it asks about."""
    if rule.state is None:
        return (rule,)
    return rule, msgspec.structs.replace(rule, needs=derive_needs(split(rule.condition).trigger))


_ORDER: Final = {"active": 0, "unknown": 1, "blind": 2}


def _unlearnt(correlation: Correlation, log: Log) -> Health:
    """Whether the log is long enough to learn from."""
    wanted = days_of(correlation)
    if log.days > wanted:
        return Health(correlation.id, "active")
    if sum(events for _, events in log.recording.within((), ())) < CHANCES:
        return Health(correlation.id, "unknown")
    cure = "give the logs of the days before to the same scan; no audit policy helps"
    evidence = f"the log holds events on {_days(log.days, 'UTC ')}, and what it shows is all there is to learn from"
    return Health(correlation.id, "blind", Blind(correlation.id, f"more than {_days(wanted)} of log", cure, evidence))


def _of_trail(correlation: Correlation, log: Log) -> Health:
    """What is followed needs ids of credentials, and requests without an answer the stage at which they have none."""
    stages: Counter[str | None] = Counter()
    for operation, events in log.recording.within((), ()):
        stages[operation.stage] += events
    if correlation.fact in _FOLLOWED and CREDENTIALS in log.lost:
        cure = "API servers write ids of credentials from 1.29 (tokens) and 1.32 (certificates) on; keep user.extra"
        return _without(correlation, Blind(correlation.id, CREDENTIALS, cure, "carries one"), log.lost[CREDENTIALS])
    if correlation.fact != "orphans" or stages["RequestReceived"]:
        return Health(correlation.id, "active")
    cure, needed = "do not list RequestReceived under omitStages", "events at stage RequestReceived"
    return _without(correlation, Blind(correlation.id, needed, cure, "is at that stage"), stages.total())


def _without(correlation: Correlation, blind: Blind, events: int) -> Health:
    """Blind by so many events, or unknown when they are few."""
    if events < CHANCES:
        return Health(correlation.id, "unknown")
    evidence = f"none of {events} events {blind.evidence}"
    return Health(correlation.id, "blind", msgspec.structs.replace(blind, evidence=evidence))


def _joined(correlation: Correlation, parts: list[Health]) -> Health:
    ranked = sorted(parts, key=lambda health: _ORDER[health.state])
    needed = len(parts) if correlation.every or correlation.type.startswith("temporal") else 1
    chosen = ranked[(correlation.at_least or needed) - 1]
    blind = chosen.blind and _named(chosen.blind, correlation)
    if chosen.state != "active":
        return Health(correlation.id, chosen.state, blind)
    unseen = [item for part in parts for item in (*((part.blind,) if part.blind else ()), *part.partly)]
    return Health(correlation.id, chosen.state, partly=tuple(_named(item, correlation) for item in unseen))


def _named(blind: Blind, correlation: Correlation) -> Blind:
    return msgspec.structs.replace(blind, rule=correlation.id)


def _health(rule: Rule, log: Log, expected: Expected | None) -> Health:
    if rule.id in log.fired:
        return Health(rule.id, "active")
    needs = rule.needs
    blind = _unread(rule, log)
    if blind is not None:
        return Health(rule.id, "blind", blind)
    chances, provided = _count(needs, log.recording)
    if provided:
        return Health(rule.id, "active")
    known = expected(needs) if expected is not None else None
    if known is not None:
        return Health(rule.id, "active") if known else Health(rule.id, "blind", _blind(rule, needs, _UNPLANNED))
    if chances >= CHANCES:
        return Health(rule.id, "blind", _blind(rule, needs, _UNSEEN.format(chances)))
    return Health(rule.id, "unknown")


def _unread(rule: Rule, log: Log) -> Blind | None:
    """What no policy helps against: a field that only a site file tells, or one that no event of this log carries."""
    for name in rule.needs.fields:
        if name.startswith(SITE) and name not in log.site:
            part = name.removeprefix(SITE)
            cure = f"scan with --site FILE, a file that has {part}; no audit policy helps"
            return Blind(rule.id, f"{OF_SITE}{part}", cure, "the log cannot tell it, and no site file does")
        gone = log.lost.get(name, 0)
        if gone >= CHANCES:
            cure = "read the log as the API server wrote it"
            return Blind(rule.id, name, cure, f"none of {gone} events carries {name}")
    return None


def _partly(rule: Rule, log: Log, expected: Expected | None) -> tuple[Blind, ...]:
    """The resources that an active rule looks at in vain; by the same evidence that makes a whole rule blind."""
    needs = rule.needs
    if len(needs.resources) < _SEVERAL or needs.stage == "ResponseStarted":
        return ()
    unplanned: list[str] = []
    unseen: list[str] = []
    missed = 0
    for place in needs.resources:
        part = msgspec.structs.replace(needs, resources=(place,))
        chances, provided = _count(part, log.recording)
        known = expected(part) if expected is not None and not provided else None
        if known is False:
            unplanned.append(place)
        elif known is None and not provided and chances >= CHANCES:
            unseen.append(place)
            missed += chances
    told = ((unplanned, _UNPLANNED), (unseen, _UNSEEN.format(missed)))
    return tuple(
        _blind(rule, msgspec.structs.replace(needs, resources=tuple(places)), evidence)
        for places, evidence in told
        if places
    )


def _blind(rule: Rule, needs: Needs, evidence: str) -> Blind:
    return Blind(rule.id, describe(needs), policy_for(needs), evidence)


def _count(needs: Needs, recording: Recording) -> tuple[int, int]:
    """Events that could have carried what is needed, and those that did."""
    if needs.stage == "ResponseStarted":
        return _started(recording)
    chances = provided = 0
    for operation, events in recording.within(needs.verbs, needs.resources):
        if operation.stage == "RequestReceived":
            continue
        if needs.level != "Metadata" and not _may_have_body(operation, needs):
            continue
        chances += events
        if _carries(operation, needs):
            provided += events
    return chances, provided


def _started(recording: Recording) -> tuple[int, int]:
    """A refused authentication is written at ResponseStarted only; watches show whether that stage is kept."""
    chances = provided = 0
    for operation, events in recording.within((), ()):
        if operation.stage == "ResponseStarted":
            provided += events
        elif operation.verb == "watch" and operation.stage == "ResponseComplete":
            chances += events
    return chances, provided


def _may_have_body(operation: Operation, needs: Needs) -> bool:
    """Refused requests have no body, and of the others only those that the server decoded."""
    wants_response = needs.level == "RequestResponse"
    return operation.answer == "success" and (operation.verb in WRITES or wants_response)


def _carries(operation: Operation, needs: Needs) -> bool:
    if needs.level == "Metadata":
        return True
    if needs.level == "RequestResponse":
        return operation.response_body
    return operation.request_body or operation.response_body


def describe(needs: Needs) -> str:
    """What is needed, in words."""
    if needs.stage == "ResponseStarted":
        return "events at stage ResponseStarted, the only one at which a 401 is written"
    verbs = ", ".join(needs.verbs) or "all verbs"
    places = ", ".join(needs.resources) or "all resources"
    if needs.level == "Metadata":
        return f"events of {verbs} on {places}"
    bodies = "request bodies" if needs.level == "Request" else "response bodies"
    return f"{bodies} of {verbs} on {places}"


def policy_for(needs: Needs) -> str:
    """A line of audit policy that would supply what is needed."""
    if needs.stage == "ResponseStarted":
        return "do not list ResponseStarted under omitStages of the rule that catches requests without a user"
    assert needs.level in LEVELS
    parts = [f"level: {needs.level}"]
    if needs.verbs:
        parts.append(f"verbs: [{', '.join(needs.verbs)}]")
    if needs.resources:
        named: dict[str, list[str]] = {}
        for group, target in map(locate, needs.resources):
            named.setdefault(group, []).append(target)
        entries = (
            f"{{group: {group or _CORE}, resources: [{', '.join(targets)}]}}" for group, targets in named.items()
        )
        parts.append(f"resources: [{', '.join(entries)}]")
    return "- {" + ", ".join(parts) + "}"


_CORE: Final = '""'


def _days(count: int, of: str = "") -> str:
    return f"{count} {of}{'day' if count == 1 else 'days'}"
