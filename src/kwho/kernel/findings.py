"""Tallies to findings: what was replaced or copied is taken out, ids are hashes of what the group has in common."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import chain, repeat
from operator import add
from typing import Final, TypeVar

from msgspec import UNSET

from kwho.detect.correlate import Match, Run, find_runs, width_of, within_reach
from kwho.detect.novelty import Shown, days_of, striking
from kwho.detect.rule import Correlation, Rule
from kwho.kernel.journal import UNKNOWN_TIME, Sighting
from kwho.kernel.judge import clip
from kwho.kernel.roll import Roll
from kwho.kernel.tally import MIXED, VARIED, Fact, Facts, Findings, GroupKey, LinkKey, Links, Tally
from kwho.kernel.trails import Asked, correlation_trace, rule_trace
from kwho.kernel.written import Writer
from kwho.link.trace import Trace
from kwho.query.ast import Scalar
from kwho.schema.finding import (
    Citation,
    Cited,
    Evidence,
    Finding,
    Impersonated,
    Outcome,
    Principal,
    RuleRef,
    Source,
    Span,
    Target,
    encodable,
)
from kwho.schema.moment import format_moment
from kwho.state.remarks import remarks
from kwho.state.world import World

CITED: Final = 500
"""Matches cited from each end of a finding."""
LISTED: Final = 100
"""Groups and claimed addresses that a finding lists."""

_CROWDED: Final = (
    "the rule matched in so many places that they are told together, whatever the target and the address",
    "there are so many users that they are told together as well",
    "and so many hours or clusters",
)
"""What a finding of a crowded rule does not tell apart, step by step."""
_CANONICAL: Final = {"success": "success", "refused": "forbidden", "failed": "failed", "dry_run": "dry_run"}


T = TypeVar("T")


class Archive:
    """What findings need of the whole input: its noted requests, where parts begin, paths, what days it shows."""

    def __init__(
        self,
        roll: Roll,
        lines_before: dict[tuple[int, int], int],
        paths: dict[int, str],
        shown: Shown = Shown(),  # noqa: B008  frozen
        world: World | None = None,
    ) -> None:
        self.roll = roll
        self.world = world or World()
        self.shown = shown
        self._positions = Positions(roll, lines_before, paths)

    def events(self, standing: Sequence[int]) -> Cited:
        """What a finding cites of the rows that stand for it."""
        return Cited(array("I", ends(standing)), self._positions.cite_rows, self._positions.write)

    def times(self, standing: Sequence[int]) -> tuple[int, ...]:
        """First and last of the believable times of rows that are in order; those without one are the first."""
        first, last = (self.roll.times[standing[at]] for at in (0, -1))
        if first < 0 <= last:
            first = self.roll.times[standing[bisect_left(standing, 0, key=self.roll.times.__getitem__)]]
        return () if last < 0 else (first, last)

    def cite(self, sighting: Sighting) -> Citation:
        """The position of a sighting in its file."""
        return self._positions.cite(sighting)


class Positions:
    """What citations are made of; findings hold on to it, so it holds nothing else of the scan.

    `lines_before` are the lines of a file before the part that begins at an offset of it.
    """

    def __init__(self, roll: Roll, lines_before: dict[tuple[int, int], int], paths: dict[int, str]) -> None:
        self._roll = roll
        self._lines_before = lines_before
        self._paths = {number: encodable(path) for number, path in paths.items()}
        self._files = [self._paths[file] for file, _ in roll.places]
        self._before = [lines_before[place] for place in roll.places]
        self.write = Writer(roll.journal, self._files, self._before).write

    def cite(self, sighting: Sighting) -> Citation:
        """The position of a sighting in its file."""
        before = self._lines_before[sighting.file, sighting.start]
        audit_id, stage = map(encodable, (sighting.audit_id, sighting.stage))
        path, line = self._paths[sighting.file], before + sighting.line
        return Citation(audit_id, stage, path, line, sighting.offset, sighting.within)

    def cite_rows(self, rows: Sequence[int]) -> list[Citation]:
        """The positions of noted requests in their files: what `cite` makes of each, column by column if several."""
        if len(rows) < 2:
            return [self.cite(self._roll.sighting(row)) for row in rows]
        seen = self._roll.columns(rows)
        files = map(self._files.__getitem__, seen.places)
        lines = map(add, map(self._before.__getitem__, seen.places), seen.lines)
        return list(map(Citation, seen.audit_ids, seen.stages, files, lines, seen.offsets, seen.within))


def ends(found: Sequence[T]) -> Sequence[T]:
    """The first and the last `CITED` of what is in order."""
    return found if len(found) <= 2 * CITED else (*found[:CITED], *found[-CITED:])


def rule_findings(rules: dict[str, Rule], tallies: Findings, archive: Archive) -> Iterator[Trace]:
    """One finding per group of matches that stand, with its join keys."""
    for key, tally in tallies.items():
        standing = archive.roll.standing(tally.rows)
        if standing:
            finding = _finding(rules[key.rule], key, tally, standing, archive)
            requests = map(archive.roll.keys.__getitem__, standing)
            yield rule_trace(finding, key, tally, archive.times(standing), Asked(requests, archive.world))


def _finding(rule: Rule, key: GroupKey, tally: Tally, standing: list[int], archive: Archive) -> Finding:
    facts = tally.facts
    return Finding(
        id=identify(*(key if key.crowd else key[:-1] if key.excluded else key[:-2])),
        detector="rule",
        rule=reference(rule),
        title=rule.title,
        severity=rule.level,
        cluster=key.cluster,
        time=span(archive.times(standing)),
        principal=_principal(key.user, key.impersonated, facts),
        source=Source(clip(key.peer), _many(facts.claimed), _one(facts.agent)),
        target=Target(
            clip(key.group),
            clip(key.resource),
            clip(key.subresource),
            clip(key.namespace),
            _one(tally.name),
            _one(tally.uri),
        ),
        outcome=_outcome(facts.outcome, key.answer),
        count=len(standing),
        events=archive.events(standing),
        events_total=len(standing),
        evidence=(*tally.evidence, *_varied(tally)),
        reasons=(
            _sentence(rule, len(standing)),
            *_CROWDED[: key.crowd],
            *remarks(archive.world, map(archive.roll.keys.__getitem__, standing)),
        ),
        excluded=key.excluded or UNSET,
    )


def correlation_findings(
    correlations: dict[str, Correlation], rules: dict[str, Rule], tallies: Links, archive: Archive
) -> Iterator[Trace]:
    """The runs of every correlation, over all stretches of each group together, with their join keys."""
    groups: dict[tuple[str, str | None], Groups] = {}
    for key, tally in tallies.items():
        same = groups.setdefault((key.correlation, key.excluded), {})
        same.setdefault((key.cluster, key.values), []).append((key, tally))
    for (name, _), same in groups.items():
        correlation = correlations[name]
        for members, run in _runs(correlation, same, archive):
            inside = _inside(correlation, members, run)
            finding = _correlated(correlation, rules, inside, run, archive)
            yield correlation_trace(finding, [tally for _, tally in inside])


Members = list[tuple[LinkKey, Tally]]
Groups = dict[tuple[str | None, tuple[Scalar, ...]], Members]


def _runs(correlation: Correlation, groups: Groups, archive: Archive) -> Iterator[tuple[Members, Run]]:
    """What each group has to tell: the runs of its windows, or the days on which its values are new."""
    roll = archive.roll
    if not correlation.combination:
        for members in groups.values():
            if _may_run(correlation, members, roll):
                found = list(_matches(correlation, members, archive))
                yield from ((members, run) for run in find_runs(correlation, found))
        return
    if len(archive.shown.days) <= days_of(correlation):
        return
    times: dict[Group, dict[tuple[Scalar, ...], list[int]]] = {}
    for (cluster, values), members in groups.items():
        group = (cluster, values[: len(correlation.group_by)])
        rows = (row for _, tally in members for row in tally.rows if roll.stands(row))
        times.setdefault(group, {})[values] = [roll.times[row] for row in rows if roll.times[row] >= 0]
    for (cluster, _), values, day in striking(correlation, times, archive.shown):
        members = [(key, tally) for key, tally in groups[cluster, values] if key.bucket == day]
        yield members, Run(day, tuple(_matches(correlation, members, archive)))


Group = tuple[str | None, tuple[Scalar, ...]]


def _may_run(correlation: Correlation, members: Members, roll: Roll) -> bool:
    """A quick look whether the matches of a group can make a window at all."""
    times = map(roll.times.__getitem__, chain.from_iterable(tally.rows for _, tally in members))
    values = set().union(*(tally.values or () for _, tally in members))
    return within_reach(correlation, times, len({key.rule for key, _ in members}), len(values))


def _matches(correlation: Correlation, members: list[tuple[LinkKey, Tally]], archive: Archive) -> Iterator[Match]:
    roll = archive.roll
    for key, tally in members:
        place = correlation.rules.index(key.rule)
        seen: set[tuple[int, int]] = set()
        for row, value in zip(tally.rows, tally.values or repeat(0), strict=False):
            request = roll.keys[row]
            if roll.stands(row) and (request, value) not in seen:
                seen.add((request, value))
                yield Match(roll.times[row], place, request, value)


def _inside(correlation: Correlation, members: Members, run: Run) -> Members:
    """The stretches of a group that a run touches."""
    first, last = (match.time // width_of(correlation) for match in (run.matches[0], run.matches[-1]))
    return [(key, tally) for key, tally in members if first <= key.bucket <= last]


def _correlated(
    correlation: Correlation, rules: dict[str, Rule], inside: Members, run: Run, archive: Archive
) -> Finding:
    tallies = [tally for _, tally in inside]
    requests, roll = {match.key: match.time for match in run.matches}, archive.roll
    rows = roll.standing(row for tally in tallies for row in tally.rows if roll.keys[row] in requests)
    facts = reduce(Facts.merge, (tally.facts for tally in tallies))
    key = inside[0][0]
    values = dict(zip((*correlation.group_by, *correlation.combination), key.values, strict=True))
    return Finding(
        id=identify(correlation.id, key.cluster, *key.values, run.period, *([key.excluded] if key.excluded else ())),
        detector="correlation",
        rule=reference(correlation),
        title=correlation.title,
        severity=correlation.level,
        cluster=key.cluster,
        time=span(requests.values()),
        principal=_principal(_one(facts.user), None, facts),
        source=Source(_one(facts.peer), _many(facts.claimed), _one(facts.agent)),
        target=_target(facts, tallies),
        outcome=None if facts.outcome is MIXED else facts.outcome,  # type: ignore[arg-type]  # an outcome by construction
        count=len(requests),
        events=archive.events(rows),
        events_total=len(requests),
        evidence=(
            *(Evidence("group-by", name, clip_scalar(value)) for name, value in values.items()),
            *min(inside, key=lambda each: (each[1].evidence_at, correlation.rules.index(each[0].rule)))[1].evidence,
            *_samples(correlation, tallies),
        ),
        reasons=(_story(correlation, rules, run),),
        excluded=key.excluded or UNSET,
    )


def identify(*parts: object) -> str:
    """A finding id: a keyless hash of the rule and what its matches have in common, the same wherever the log lies."""
    text = "\x00".join("\x01" if part is None else _apart(str(part)) for part in parts)
    return "f-" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _apart(text: str) -> str:
    """A hostile string without the two characters that stand for the end of a part and for nothing."""
    return text.replace("\x01", "\x01e").replace("\x00", "\x01n")


def span(times: Iterable[int]) -> Span:
    """First and last of the believable times."""
    known = [time for time in times if time != UNKNOWN_TIME]
    return Span(format_moment(min(known)), format_moment(max(known))) if known else Span(None, None)


def clip_scalar(value: Scalar) -> str | int | bool | None:
    """A value that was grouped by, as evidence shows it."""
    return clip(value) if isinstance(value, str) else value if isinstance(value, int) else None


def reference(rule: Rule | Correlation) -> RuleRef:
    """The rule as its findings name it."""
    return RuleRef(rule.id, rule.title, rule.level, rule.tags, rule.detections)


def _principal(user: str | None, impersonated: str | None, facts: Facts) -> Principal:
    target = impersonated if impersonated is not None else _one(facts.impersonated)
    return _person(user, target, facts.kind, facts.groups, facts.impersonated_groups)


@lru_cache(maxsize=1_024)
def _person(user: str | None, target: str | None, kind: Fact, groups: Fact, borrowed: Fact) -> Principal:
    """Many findings are about the same."""
    return Principal(
        clip(user),
        "human" if kind is MIXED else kind,  # type: ignore[arg-type]  # a kind by construction
        None if target is None else Impersonated(clip(target) or None, _many(borrowed)),
        _many(groups),
    )


def _target(facts: Facts, tallies: list[Tally]) -> Target:
    names, uris = {tally.name for tally in tallies}, {tally.uri for tally in tallies}
    return Target(
        _one(facts.group),
        _one(facts.resource),
        _one(facts.subresource),
        _one(facts.namespace),
        _one(names.pop()) if len(names) == 1 else None,
        _one(uris.pop()) if len(uris) == 1 else None,
    )


def _one(fact: Fact) -> str | None:
    return clip(fact) if isinstance(fact, str) else None


def _many(fact: Fact) -> tuple[str, ...]:
    """The members of a list, the first of them when a client made it long."""
    members = fact if isinstance(fact, tuple) else ()
    more = ("…",) if len(members) > LISTED else ()
    return (*(clip(member) or "" for member in members[:LISTED]), *more)


def _outcome(fact: Fact, answer: str) -> Outcome:
    return _CANONICAL[answer] if fact is MIXED else fact  # type: ignore[return-value]  # an outcome by construction


def _varied(tally: Tally) -> Iterator[Evidence]:
    """Names and agents that differ within the finding, the alphabetically first of them."""
    for name, fact, values in (
        ("objectRef.name", tally.name, tally.names),
        ("userAgent", tally.facts.agent, tally.agents),
    ):
        if fact is MIXED and values:
            yield Evidence("differs", name, listed(values))


def _samples(correlation: Correlation, tallies: list[Tally]) -> Iterator[Evidence]:
    values = {value for tally in tallies for value in tally.samples}
    if correlation.value_field and values:
        yield Evidence("distinct", correlation.value_field, listed(values))


def listed(values: Iterable[str]) -> tuple[str, ...]:
    """The alphabetically first values, and a sign that there are more."""
    shown = sorted(values)
    return tuple(shown if len(shown) <= VARIED else [*shown[:VARIED], "…"])


def _sentence(rule: Rule, count: int) -> str:
    requests = _requests(count)
    cited = "" if count <= 2 * CITED else f"; the first and last {CITED} are cited"
    return f"{requests} matched the rule “{rule.title}”{cited}"


def _requests(count: int) -> str:
    return "one request" if count == 1 else f"{count} requests"


def _news(correlation: Correlation) -> str:
    """What is new, or back, in words; the log is all there is to know it from."""
    what, days = " + ".join(correlation.combination), days_of(correlation)
    among = f" for the same {' + '.join(correlation.group_by)}" if correlation.group_by else ""
    if correlation.type == "new_value":
        return f"with a value of {what} that this log shows{among} for the first time, after more than {days} days"
    return f"with a value of {what} that this log had not shown{among} for {days} days and more"


def _story(correlation: Correlation, rules: dict[str, Rule], run: Run) -> str:
    names = ", ".join(dict.fromkeys(rules[correlation.rules[match.rule]].title for match in run.matches))
    seconds = correlation.timespan // 1_000_000
    requests = len({match.key for match in run.matches})
    if correlation.combination:
        return f"{_requests(requests)} {_news(correlation)}: {names}"
    if correlation.type == "value_count":
        distinct = len({match.value for match in run.matches})
        what = f"{distinct} distinct {correlation.value_field}"
        return f"{requests} requests with {what}, in windows of {seconds} s: {names}"
    return f"{requests} requests in windows of {seconds} s: {names}"
