"""Findings about the log as a whole: silences, lost answers, audit IDs used twice, credentials in two places, clocks.

No rule can match what is missing, and none sees two requests at once, so these are made of what is known at the end.
Their correlations (`type: trail`) stand among the rules: without one there is no such finding.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kwho.detect.rule import Correlation, Fact
from kwho.kernel.claim import NOBODY, Claim, Doubted, Group, best, person
from kwho.kernel.findings import Archive, ends, identify, listed, reference, span
from kwho.kernel.journal import Sighting, better, position
from kwho.kernel.judge import clip
from kwho.kernel.roll import Roll
from kwho.kernel.tally import Findings, GroupKey, Tally
from kwho.kernel.whereabouts import lent, moved, strayed
from kwho.kernel.witness import Asked, Kind, Leap, Stretch
from kwho.link.trace import Trace
from kwho.profile.gaps import Silence, spoken
from kwho.schema.finding import Evidence, Finding, Principal, Source, Span, Target
from kwho.schema.moment import HOUR, MINUTE, format_moment, parse_moment

SILENCES: Final = 1_000
"""Silences that are told one by one, the first in order of time; all of them are in the ledger."""
LINGER: Final = 60_000_000
"""Microseconds before an end of the log in which a request without an answer may be on its way still."""
SETTLED: Final = 3
"""Hours with a level before it counts as the usual one."""


class _Use(NamedTuple):
    """One request under an audit ID: whose it was, on what, and a look at it; what differs within its group is None."""

    time: int
    who: Principal
    target: tuple[str | None, ...]
    verb: str | None
    uri: str | None
    cluster: str | None
    look: Sighting
    whole: bool
    """False when a crowded rule noted it, whose groups do not tell user and target."""


def doubts(correlations: Iterable[Correlation], doubted: Doubted) -> Iterator[Trace]:
    """The findings of every correlation on a fact of the log."""
    for correlation in correlations:
        if correlation.fact is not None and correlation.fact in _FACTS:
            for claim in _FACTS[correlation.fact](doubted):
                yield _trace(correlation, claim, doubted.archive)


def _silences(doubted: Doubted) -> Iterator[Claim]:
    """Every silence that has a noted request on one side of it at least."""
    roll = doubted.archive.roll
    noted = roll.noted(doubted.tallies.values() if doubted.silences else ())
    rows = array("I", (row for row in roll.rows if noted[row]))
    for silence, group in _identified(doubted.silences, doubted.unnamed)[:SILENCES]:
        start, end = silence.first * MINUTE, (silence.last + 1) * MINUTE
        before = bisect_left(rows, start, key=roll.times.__getitem__) - 1
        after = bisect_left(rows, end, key=roll.times.__getitem__)
        known = before >= 0 and roll.times[rows[before]] >= 0
        cited = [roll.sighting(row) for row in (*rows[before : before + known], *rows[after : after + 1])]
        if cited:
            time = Span(format_moment(start), format_moment(end))
            reason = (
                f"{_name(spoken(silence.instance, doubted.unnamed))} wrote events every minute, and then none for "
                f"{silence.last - silence.first + 1} minutes; the requests before and after it are cited, the nearest "
                "that a rule took note of"
            )
            evidence = Evidence("silence", "requestReceivedTimestamp", (time.first, time.last))
            yield Claim(group, NOBODY, time, cited, evidence, reason)


def _identified(silences: Sequence[Silence], unnamed: Collection[str | None]) -> list[tuple[Silence, Group]]:
    """The silences in order of time, each with what its id is made of: no name of a file is part of that.

    Those of several servers that no wrapper names and that begin in the same minute are numbered.
    """
    begun: Counter[int] = Counter()
    found: list[tuple[Silence, Group]] = []
    for silence in sorted(silences, key=lambda silence: (silence.first, silence.last, silence.instance or "")):
        if silence.instance in unnamed:
            number = begun[silence.first]
            begun[silence.first] += 1
            found.append((silence, (None, None, silence.first, *([number] if number else []))))
        else:
            found.append((silence, (None, silence.instance, silence.first)))
    return found


def _reuses(doubted: Doubted) -> Iterator[Claim]:
    """Per client and hour the requests under an audit ID that another request bears."""
    groups: dict[tuple[str | None, str | None, int], list[_Use]] = {}
    names: dict[tuple[str | None, str | None, int], set[str]] = {}
    for audit_id, uses in _shared(doubted.tallies, doubted.archive.roll).items():
        first, *others = sorted(uses, key=_in_order)
        for use in others:
            if _differ(first, use):
                group = (use.cluster, use.who.user, max(use.time, 0) // HOUR)
                groups.setdefault(group, []).extend((use, first))
                names.setdefault(group, set()).add(audit_id)
    for group, uses in groups.items():
        looks = best([use.look for use in uses])
        reason = (
            f"{len(looks)} requests share an audit ID with another that differs in user, target, verb or URI; the API "
            "server takes the ID from a client who sends one"
        )
        evidence = Evidence("reused", "auditID", listed(names[group]))
        yield Claim(group, uses[0].who, span(look.time for look in looks), looks, evidence, reason)


def _orphans(doubted: Doubted) -> Iterator[Claim]:
    """Per client, kind of target and hour the patches that were received and never answered.

    Requests on their way when the log ends, or when a server falls silent, are left out.
    """
    ends = [silence.first * MINUTE for silence in doubted.silences]
    ends += [] if doubted.last is None else [doubted.last]
    groups: dict[Group, list[Asked]] = {}
    unanswered = doubted.archive.roll.unanswered
    for key, asked in doubted.witness.asked.items():
        time = asked.sighting.time
        on_its_way = any(0 <= end - time <= LINGER for end in ends)
        if key in unanswered and asked.verb == "patch" and time >= 0 and not on_its_way:
            groups.setdefault((asked.cluster, asked.user, time // HOUR, *asked.target, asked.peer), []).append(asked)
    for group, found in groups.items():
        one = found[0]
        looks = best([asked.sighting for asked in found])
        uris = {asked.uri for asked in found if asked.uri is not None}
        yield Claim(
            group,
            person(one.user, one.kind),
            span(look.time for look in looks),
            looks,
            Evidence("received", "requestURI", listed(uris)),
            f"{len(found)} requests to patch were received, and the log holds no answer to them; on versions up to "
            "1.36 an apply that is written in YAML leaves none",
            one.peer,
            Target(*one.target, None, uris.pop() if len(uris) == 1 else None),
        )


def _lowered(doubted: Doubted) -> Iterator[Claim]:
    """Per hour the kinds of writes that had their bodies asked for until then, and never since.

    Kinds of which both levels are seen side by side are left out: policies may tell users and namespaces apart.
    """
    groups: dict[Group, list[tuple[Kind, Stretch, Stretch]]] = {}
    for kind, after in doubted.witness.levels.items():
        before = doubted.witness.levels.get(kind._replace(deep=True)) if not kind.deep else None
        if before is not None and before.last <= after.first and min(len(before.hours), len(after.hours)) >= SETTLED:
            groups.setdefault((kind.cluster, after.first), []).append((kind, before, after))
    for group, found in groups.items():
        looks = best([look for _, before, after in found for look in (before.ended, after.begun)])
        names = {f"{kind.verb} {kind.target}" for kind, _, _ in found}
        reason = (
            f"the bodies of {len(found)} kinds of writes were asked for until then, and of none of them since; the "
            "audit policy was changed, which takes a restart of the API server and leaves no event of its own"
        )
        evidence = Evidence("lowered", "level", listed(names))
        yield Claim(group, NOBODY, span(look.time for look in looks), looks, evidence, reason)


def _leapt(doubted: Doubted) -> Iterator[Claim]:
    """Per API server and hour the requests that its clock went back in, and those that span one of its silences.

    What a file is called tells no API servers apart: names of files are no part of what is claimed.
    """
    back: dict[Group, list[Leap]] = {}
    over: dict[Group, list[Leap]] = {}
    for ticking, leaps in doubted.witness.leaps.items():
        group = (ticking.cluster, ticking.instance, ticking.hour)
        if ticking.back:
            back.setdefault(group, []).extend(leaps.values())
            continue
        for silence in doubted.silences:
            if silence.instance == (ticking.instance or ticking.family):
                found = [leap for leap in leaps.values() if _spans(leap, silence)]
                over.setdefault((*group, silence.first, silence.last), []).extend(found)
    for where, found in back.items():
        reason = (
            f"{len(found)} requests that are cited were answered before they were received: the clock of "
            f"{_name(where[1])} was set back by {-min(found).took / 1_000_000:.1f} seconds at least, and times do not "
            "tell the order of what happened around then"
        )
        times = [time for leap in found for time in (leap.sighting.time, leap.sighting.time + leap.took)]
        yield _leap(where, found, "set back", span(times), reason)
    for where, found in over.items():
        first, last = (minute * MINUTE for minute in where[-2:] if isinstance(minute, int))
        reason = (
            f"an ordinary request was on its way all through a silence of {(last - first) // MINUTE + 1} minutes; API "
            f"servers give such a one up before: the clock of {_name(where[1])} was put forward, or its machine stood "
            "still, and no events of that time are lost"
        )
        if found:
            yield _leap(where, found, "put forward", span((first, last + MINUTE)), reason)


def _spans(leap: Leap, silence: Silence) -> bool:
    """True for a request that was received before a silence and answered after it."""
    start = leap.sighting.time
    return start <= silence.first * MINUTE and start + leap.took >= (silence.last + 1) * MINUTE


def _name(instance: str | int | None) -> str:
    return clip(str(instance)) or "" if instance else "the API server"


def _leap(group: Group, found: Sequence[Leap], clause: str, time: Span, reason: str) -> Claim:
    """What is claimed of a clock; the times of the request that shows most are the evidence."""
    first = min(found, key=lambda leap: (-abs(leap.took), position(leap.sighting)))
    moments = (first.sighting.time, first.sighting.time + first.took)
    evidence = Evidence(clause, "stageTimestamp", tuple(format_moment(moment) for moment in moments))
    return Claim(group, NOBODY, time, best(leap.sighting for leap in found), evidence, reason)


def _in_order(use: _Use) -> tuple[object, ...]:
    """By time; of one moment by what was asked, and only then by place."""
    return use.time, use.who.user or "", *(part or "" for part in use.target), use.verb or "", position(use.look)


def _shared(tallies: Findings, roll: Roll) -> dict[str, list[_Use]]:
    """The audit IDs that several noted requests bear, each with one use for every request."""
    shared = roll.shared(roll.noted(tallies.values()))
    uses: dict[str, dict[int, _Use]] = {}
    for key, tally in sorted(tallies.items(), key=lambda item: item[0].crowd) if shared else ():
        for row in tally.rows:
            audit_id = roll.audit_id(row)
            if audit_id in shared:
                held, use = uses.setdefault(audit_id, {}), _use(key, tally, roll.sighting(row), roll)
                held[use.look.key] = _joined(held[use.look.key], use) if use.look.key in held else use
    return {audit_id: list(found.values()) for audit_id, found in uses.items()}


def _use(key: GroupKey, tally: Tally, look: Sighting, roll: Roll) -> _Use:
    verbs, kind = tally.marks.get("verb") or _only_verb(tally, roll), tally.facts.kind
    who = person(key.user, kind if isinstance(kind, str) else "human")
    target = (key.group, key.resource, key.subresource, key.namespace)
    verb = verbs[0] if len(verbs) == 1 else None
    uri = tally.uri if isinstance(tally.uri, str) else None
    return _Use(look.time, who, target, verb, uri, key.cluster, look, not key.crowd)


def _only_verb(tally: Tally, roll: Roll) -> Sequence[str]:
    """The verb that the evidence cites, where it is that of every match: where there is one request."""
    alone = len({roll.keys[row] for row in tally.rows}) == 1
    return [str(item.value) for item in tally.evidence if alone and item.field == "verb"]


def _joined(one: _Use, other: _Use) -> _Use:
    """What two rules noted of the same request."""
    look = min(one.look, other.look, key=better)
    return one._replace(look=look, verb=one.verb or other.verb, uri=one.uri or other.uri)


def _differ(one: _Use, other: _Use) -> bool:
    """True when two requests cannot be the halves of one that an aggregated API server answered."""
    if one.whole and other.whole and (one.who.user, one.target) != (other.who.user, other.target):
        return True
    known = ((one.verb, other.verb), (one.uri, other.uri))
    return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in known)


def _trace(correlation: Correlation, claim: Claim, archive: Archive) -> Trace:
    """The finding of a claim; it joins others by who did it, and nothing when nobody did."""
    looks = (*claim.looks, *claim.beside)
    finding = Finding(
        id=identify(correlation.id, *claim.group),
        detector="correlation",
        rule=reference(correlation),
        title=correlation.title,
        severity=correlation.level,
        cluster=None if claim.group[0] is None else str(claim.group[0]),
        time=claim.time,
        principal=claim.who,
        source=Source(clip(claim.peer)),
        target=claim.target,
        outcome=None,
        count=len(looks),
        events=tuple(archive.cite(look) for look in ends(looks)),
        events_total=len(looks),
        evidence=(claim.evidence,),
        reasons=(claim.reason,),
    )
    users = () if claim.who is NOBODY else (claim.who.user,)
    return Trace(finding=finding, first=parse_moment(claim.time.first), last=parse_moment(claim.time.last), users=users)


_FACTS: Final[Mapping[Fact, Callable[[Doubted], Iterator[Claim]]]] = {
    "silence": _silences,
    "orphans": _orphans,
    "reused_id": _reuses,
    "moved_token": moved,
    "shared_credential": lent,
    "strayed_token": strayed,
    "lowered_level": _lowered,
    "clock_leapt": _leapt,
}
