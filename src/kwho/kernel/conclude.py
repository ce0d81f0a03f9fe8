"""`conclude`: the fold of all parts to the answer. Exact counts come from here, once copies are known as copies."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from kwho import __version__
from kwho.detect.correlate import DAY
from kwho.detect.health import CREDENTIALS, Expected, Log, examine
from kwho.detect.novelty import Shown
from kwho.detect.question import fed
from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.kernel.claim import Doubted
from kwho.kernel.columns import Copies, Parts, Table, compare, decode_table
from kwho.kernel.doubts import doubts
from kwho.kernel.entire import Columnar, entire
from kwho.kernel.excuse import count_excluded
from kwho.kernel.express import among
from kwho.kernel.findings import Archive, correlation_findings, rule_findings
from kwho.kernel.ledger import InputFile, file_reports, problems, total
from kwho.kernel.notes import notes
from kwho.kernel.partial import Partial, PartKey
from kwho.kernel.places import places
from kwho.kernel.presence import Presence
from kwho.kernel.roll import Roll
from kwho.kernel.settle import Settling, fold, settle, snapshot_notes, told_before
from kwho.kernel.statistics import statistics
from kwho.link.incidents import Case, Linked, link
from kwho.link.story import Horizon
from kwho.link.trace import GRAVE, Trace
from kwho.profile.activity import UNKNOWN_HOUR, Activity, Signature
from kwho.profile.gaps import find_silences, in_words
from kwho.profile.recording import Recording
from kwho.schema.finding import SEVERITIES, Finding, Span
from kwho.schema.ledger import Gap
from kwho.schema.moment import HOUR, MINUTE, format_moment
from kwho.schema.record import Context
from kwho.schema.result import Blind, Result, RuleHealth
from kwho.state.gained import obtainable
from kwho.state.snapshot import Snapshot
from kwho.state.world import World

TABLES: Final = 64
"""Tables of signatures that are held at a time while copies are compared."""
SIGNATURES: Final = 20_000
"""Signatures that are."""


class Inquiry(NamedTuple):
    """What `conclude` must know beside the partial."""

    rules: RuleSet
    files: Sequence[InputFile]
    columns: Columnar
    complete: bool = True
    expected: Expected | None = None
    site: Collection[str] = ()
    """The parts of a site file that were given."""
    snapshots: Sequence[Snapshot] = ()
    """What is known from before the log."""


def conclude(partial: Partial, inquiry: Inquiry) -> Result:
    """The answer of the scan. The partial is used up."""
    partial.unite()
    order = sorted(partial.parts)
    columns = inquiry.columns
    started = partial.journal.started() | partial.pending.started()
    filtered = any(facts.filtered for facts in partial.parts.values())
    judged = [decode_table(columns.table(part)).judged() for part in order] if filtered else None
    copies = compare(
        Parts(
            [part.file for part in order],
            lambda part, number: columns.partition(order[part], number),
            _signatures(order, columns),
        ),
        started,
        judged,
        partial.witness.asked,
        among,
    )
    _take_back(partial, copies, order, columns)
    clusters = {context.cluster for context in partial.contexts}
    world = fold(partial.pending.facts, copies, told_before(inquiry.snapshots, clusters))
    rules = {rule.id: rule for rule in inquiry.rules.rules}
    wanted = obtainable(world) if len(clusters) <= 1 else frozenset()
    presence = Presence(order, columns, wanted, partial.witness)
    settling = Settling(world, copies, partial.journal, presence)
    partial.findings.update(settle(partial.pending.candidates, rules, settling))
    traces = _traces(partial, inquiry, order, Settled(copies, world))
    found = sorted((trace.finding for trace in traces), key=_by_severity)
    gaps = tuple(_gaps(partial))
    left_out = tuple(finding for finding in found if finding.excluded is not msgspec.UNSET)
    answered = [trace for trace in traces if trace.finding.excluded is msgspec.UNSET]
    linked = _linked(answered, inquiry, order, Horizon(partial.first, in_words(gaps, partial.unnamed)))
    files = file_reports(partial, inquiry.files, copies, order)
    log = entire(partial.activity, order, columns, copies.dropped) if filtered else partial.activity
    health, blind, partly, unknown = _health(partial, log, inquiry)
    return Result(
        complete=inquiry.complete,
        findings=tuple(finding for finding in found if finding.excluded is msgspec.UNSET),
        incidents=linked.incidents,
        input=total(files),
        files=tuple(files),
        problems=problems(partial, inquiry.files, order),
        span=Span(_format(partial.first), _format(partial.last)),
        gaps=gaps,
        instances=tuple(sorted(partial.minutes, key=lambda name: (name is None, name or ""))),
        clusters=tuple(
            sorted({context.cluster for context in partial.contexts}, key=lambda name: (name is None, name or ""))
        ),
        formats=tuple(sorted({context.format for context in partial.contexts})),
        rules=health,
        blind=blind,
        partly_blind=partly,
        unknown=unknown,
        excluded=count_excluded(left_out, inquiry.rules.exclusions),
        left_out=left_out,
        statistics=statistics(partial, copies, Recording(log.operations)),
        notes=(*notes(partial), *_untold(linked), *snapshot_notes(inquiry.snapshots, clusters)),
        versions={"kwho": __version__},
    )


def _signatures(order: list[PartKey], columns: Columnar) -> Callable[[int, int], Signature]:
    """What events are counted under, by part and number; asked of copies only."""

    @lru_cache(maxsize=TABLES)
    def table(part: int) -> Table:
        return decode_table(columns.table(order[part]))

    @lru_cache(maxsize=SIGNATURES)
    def signature(part: int, number: int) -> Signature:
        return table(part).signature(number)

    return signature


def _take_back(partial: Partial, copies: Copies, order: list[PartKey], columns: Columnar) -> None:
    """Count copies back from the statistics, and from the events that the user filtered out."""
    for part, dropped in zip(order, copies.dropped, strict=True):
        if not dropped:
            continue
        signatures = decode_table(columns.table(part)).signatures()
        for number, events in dropped.items():
            partial.activity.add(signatures[number], -events)
            if not signatures[number].judged:
                partial.parts[part].filtered -= events


class Settled(NamedTuple):
    """What is known once all parts are compared: which events are copies, and the world that all facts make."""

    copies: Copies
    world: World


def _traces(partial: Partial, inquiry: Inquiry, order: list[PartKey], settled: Settled) -> list[Trace]:
    """Every finding, with its join keys."""
    before: dict[tuple[int, int], int] = {}
    lines: Counter[int] = Counter()
    for key in order:
        before.setdefault((key.file, key.start), lines[key.file])
        lines[key.file] += partial.parts[key].lines
    paths = {number: file.path for number, file in enumerate(inquiry.files)}
    archive = Archive(Roll(partial.journal, settled.copies), before, paths, _shown(partial), settled.world)
    rules = {rule.id: rule for rule in inquiry.rules.rules}
    correlations = {correlation.id: correlation for correlation in inquiry.rules.correlations}
    silences = list(find_silences(partial.minutes))
    doubted = Doubted(partial.findings, partial.witness, silences, partial.unnamed, partial.last, archive)
    return [
        *rule_findings(rules, partial.findings, archive),
        *correlation_findings(correlations, rules, partial.links, archive),
        *doubts(correlations.values(), doubted),
    ]


def _by_severity(finding: Finding) -> tuple[int, str, str]:
    return -SEVERITIES.index(finding.severity), finding.time.first or "", finding.id


def _linked(traces: list[Trace], inquiry: Inquiry, order: list[PartKey], horizon: Horizon) -> Linked:
    """The incidents in the findings that somebody caused; where none is grave, there are none."""
    traces = [trace for trace in traces if trace.users]
    if not any(trace.rank >= GRAVE for trace in traces):
        return Linked(())
    rules: dict[str, Rule | Correlation] = {rule.id: rule for rule in inquiry.rules.rules}
    rules |= {correlation.id: correlation for correlation in inquiry.rules.correlations}
    return link(traces, Case(rules, places(order, inquiry.columns), horizon))


def _untold(linked: Linked) -> Iterator[str]:
    if linked.more:
        yield f"incidents beyond the {len(linked.incidents)} gravest, told by their findings alone: {linked.more}"
    if linked.apart:
        yield f"findings beyond the gravest that can be linked, which stand for themselves: {linked.apart}"


def _shown(partial: Partial) -> Shown:
    """The UTC days with events: what new values are told by."""
    hours = {hour for (hour, _), events in partial.activity.hours.items() if hour != UNKNOWN_HOUR and events > 0}
    clusters = {context.cluster for context in partial.contexts}
    return Shown(sorted({hour * HOUR // DAY for hour in hours}), len(clusters) <= 1)


def _format(moment: int | None) -> str | None:
    return None if moment is None else format_moment(moment)


def _gaps(partial: Partial) -> Iterator[Gap]:
    """The silences in order of time."""
    for silence in sorted(find_silences(partial.minutes), key=lambda silence: (silence.first, silence.instance or "")):
        yield Gap(format_moment(silence.first * MINUTE), format_moment((silence.last + 1) * MINUTE), silence.instance)


def _health(
    partial: Partial, activity: Activity, inquiry: Inquiry
) -> tuple[RuleHealth, tuple[Blind, ...], tuple[Blind, ...], tuple[str, ...]]:
    """How many rules are in which state, what is blind in whole or in part, and what is unknown.

    `activity` is that of the whole log: what the user chose to judge says nothing about what the log records.
    """
    fired = {key.rule for key in partial.findings} | {key.rule for key in partial.links}
    days = len(_shown(partial).days)
    lost = _lost(activity, partial.contexts)
    if not partial.identified:
        lost[CREDENTIALS] = activity.events
    log = Log(Recording(activity.operations), lost, fired, days, inquiry.site)
    rules = fed(inquiry.rules) if inquiry.snapshots else inquiry.rules
    found = list(examine(rules, log, inquiry.expected))
    states = Counter(health.state for health in found)
    health = RuleHealth(states["active"], states["blind"], states["unknown"], len(inquiry.rules.refused))
    blind = tuple(health.blind for health in found if health.blind is not None)
    partly = tuple(blind for health in found for blind in health.partly)
    return health, blind, partly, tuple(health.rule for health in found if health.state == "unknown")


def _lost(activity: Activity, contexts: Counter[Context]) -> dict[str, int]:
    """Fields that no event has, because no wrapper carries them or somebody took them out; with the number of events.

    Every request has a peer, and every one that reached the authorizer an annotation with its decision.
    """
    carried = contexts.total()
    lost: Counter[str] = Counter()
    for context, events in contexts.items():
        lost.update(dict.fromkeys(context.lost, events))
    found = {name: events for name, events in lost.items() if events == carried}
    if activity.peers[None] == activity.events:
        found["sourceIPs"] = activity.events
    answered = [(kind, events) for kind, events in activity.operations.items() if kind.answer == "success"]
    if not any(kind.decision for kind, _ in answered):
        found.setdefault("annotations", sum(events for _, events in answered))
    return found
