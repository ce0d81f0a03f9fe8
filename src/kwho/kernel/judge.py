"""Rules on one event: which can match it (a few look-ups and ANDs), which do (on those few), and with what evidence."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Generic, NamedTuple

import msgspec

from kwho.detect.correlate import width_of
from kwho.detect.question import split
from kwho.detect.rule import Correlation, Rule, RuleSet
from kwho.fields import Scalar, Value, find
from kwho.kernel.candidates import Pending
from kwho.kernel.excuse import excuses
from kwho.kernel.journal import UNKNOWN_TIME, Sighting, precedence
from kwho.kernel.mask import Masks, is_clocked, is_own, is_settled, is_shared, is_timeless
from kwho.kernel.tally import Facts, Findings, GroupKey, Key, LinkKey, Links, Tally, keep
from kwho.query.ast import And, Node, conjuncts
from kwho.query.match import compile_node, explainer
from kwho.schema.event import ObjectRef, User
from kwho.schema.finding import Evidence
from kwho.schema.moment import HOUR
from kwho.state.fact import Fact, Told
from kwho.state.things import conditions, observers
from kwho.views import Look, source
from kwho.views.outcome import outcome
from kwho.views.principal import principal_kind
from kwho.views.trail import trail

ANSWERS: Final = {
    "success": "success",
    "open": "success",
    "unknown": "success",
    "dry_run": "dry_run",
    "unauthenticated": "refused",
    "forbidden": "refused",
    "rejected": "refused",
    "failed": "failed",
}
"""The four kinds of outcome that tell findings apart."""

LONGEST: Final = 2_000
"""Characters of a hostile string that a finding keeps."""
ELEMENTS: Final = 100
"""Elements of a list that are looked at as new values."""


NAMED: Final = {"objectRef.name", "object.key", "requestURI", "uri.path"}
"""Fields that read nothing but the object reference and the URI."""

NOBODY: Final = User()
NOTHING: Final = ObjectRef()


def _numbers(mask: int) -> Iterator[int]:
    """The numbers of the bits of a mask."""
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1


class Predicates(dict[int, Callable[[Look], bool]]):
    """Conditions by number, each compiled when it is asked for the first time: most never are."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        super().__init__()
        self._nodes = nodes

    def __missing__(self, number: int) -> Callable[[Look], bool]:
        """Compile a condition."""
        found = self[number] = compile_node(self._nodes[number])
        return found


class Judge:
    """A rule set, compiled: cheap masks decide what can match, predicates decide what does."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.rules
        self._triggers = [split(rule.condition).trigger for rule in rules.rules]
        self.masks = Masks([*self._triggers, *conditions()])
        self.observing = self.masks.all & ~((1 << len(rules.rules)) - 1)
        """The numbers behind those of the rules: what leaves facts instead of findings."""
        self._predicates = Predicates(self.masks.rests)
        self._timeless = sum(1 << n for n, rest in enumerate(self.masks.rests) if is_timeless(rest))
        self._alike: dict[tuple[int, bool, bool], Callable[[Look], bool]] = {}
        self._explainers: dict[int, Tell] = {}
        self._followed = [rule.level != "informational" for rule in rules.rules]
        """Whether the findings of a rule are linked to others."""
        self._excuses = [excuses(rule, rules) for rule in rules.rules]
        self.settled = sum(
            1 << number
            for number, rest in enumerate(self.masks.rests[: len(rules.rules)])
            if rules.rules[number].state is None
            and is_settled(rest)
            and all(excuse.settled for excuse in self._excuses[number])
        )
        """The rules that match all or none of the events that could share a lane."""
        self._links = [
            [_link(rule, correlation) for correlation in rules.correlations if rule.id in correlation.rules]
            for rule in rules.rules
        ]
        self.own = self.masks.all & ~self._timeless
        for number, (links, excused) in enumerate(zip(self._links, self._excuses, strict=True)):
            if not (all(link.timeless for link in links) and all(excuse.timeless for excuse in excused)):
                self.own |= 1 << number
        """The numbers of what reads values that events of one shape have of their own."""

    def decide(self, look: Look, mask: int, *, bodied: bool = False, queried: bool = False) -> int:
        """The numbers of `mask` without those that match no event that is like this one but for its own values.

        Its own are audit ID, times and the version of the object, with `bodied` its bodies, with `queried` the query of
        its URI. What a rule asks of these stays undecided.
        """
        for number in _numbers(mask & self.masks.all):
            if not self._sure(number, bodied, queried)(look):
                mask &= ~(1 << number)
        return mask

    def _sure(self, number: int, bodied: bool, queried: bool) -> Callable[[Look], bool]:
        """The part of a condition that is the same for all events of one shape, compiled when it is asked for."""
        found = self._alike.get((number, bodied, queried))
        if found is None:
            parts = conjuncts(self.masks.rests[number])
            alike = tuple(part for part in parts if is_timeless(part, bodied=bodied, queried=queried))
            found = self._alike[number, bodied, queried] = compile_node(And(alike))
        return found

    def facts(self, look: Look, mask: int) -> tuple[int, tuple[Fact, ...]]:
        """What of a mask of `decide` is left to be asked, and the facts that all events tell which are like this one.

        Facts never hold what is an event's own; when and where is for their sighting to tell.
        """
        known = self.observing & self._timeless
        numbers = self.matches(look, mask & known)
        found = [fact for number in numbers for fact in observers()[number - len(self._rules)].observe(look)]
        return mask & ~known, tuple(found)

    def matches(self, look: Look, mask: int) -> Iterator[int]:
        """The numbers of the rules, among those of `mask`, that match."""
        for number in _numbers(self.masks.refine(mask, look)):
            if self._predicates[number](look):
                yield number

    def note(self, number: int, case: "Case", findings: Findings, links: Links, pending: Pending) -> "list[AnyEntry]":
        """Enter a match of rule `number` in the tallies of findings and of correlations, or as pending; where."""
        look, sighting = case.look, case.sighting
        if number >= len(self._rules):
            for fact in observers()[number - len(self._rules)].observe(look):
                pending.facts.add(Told(fact, sighting))
            return []
        for excuse in self._excuses[number]:
            if excuse.target not in case.excused and excuse.holds(look, sighting.time):
                case.excused[excuse.target] = excuse.exclusion
        waits = self._rules[number].state is not None
        held: Findings = {} if waits else findings
        entries = list(self._entries(number, case, held, links))
        for entry in entries:
            entry.enter(case)
        for key, tally in held.items() if waits else ():
            pending.candidates.add((sighting.time, sighting.key), key, tally)
        return entries

    def _entries(self, number: int, case: "Case", findings: Findings, links: Links) -> "Iterator[AnyEntry]":
        """Where a match of rule `number` is entered: in its finding, unless it is silent, and in correlations."""
        rule, tell = self._rules[number], self._tell(number)
        if not rule.silent:
            key = GroupKey(rule.id, *case.group, case.excused.get(rule.id))
            left = case.look.see(trail) if self._followed[number] else ()
            yield Entry(findings, key, HOUR, tell, tuple((kind, clip(value) or "") for kind, value in left))
        for link in self._links[number]:
            for linked in link.keys(case):
                yield Entry(links, linked, link.width, tell, link=link)

    def tells(self, number: int) -> bool:
        """True for the number of a rule; False for what only leaves facts."""
        return number < len(self._rules)

    def links(self, number: int) -> "list[Link]":
        """The correlations that a rule feeds."""
        return self._links[number]

    def _tell(self, number: int) -> "Tell":
        """What collects the evidence of a rule, compiled when the rule matches for the first time."""
        tell = self._explainers.get(number)
        if tell is None:
            tell = self._explainers[number] = explainer(self._triggers[number])
        return tell


Tell = Callable[[Look], tuple[Evidence, ...]]


Group = tuple[str | None, str | None, str | None, str | None, str | None, str | None, str | None, str | None, str, int]
"""A `GroupKey` without the rule."""


class Rows(NamedTuple):
    """The rows to enter of requests that have one case, one name and one URI."""

    rows: "array[int]"
    at: bytes
    """Which of them the evidence is of (`precedence`): the least."""
    name: str | None
    uri: str | None
    look: Look
    """What is counted is read off it."""


class Case(NamedTuple):
    """What every match of one event has in common, made once: its group but for the rule, sighting, facts."""

    look: Look
    group: Group
    sighting: Sighting
    facts: Facts
    agent: str | None
    excused: dict[str, str]
    """The exclusion of the match by id of the rule, or of the correlation it feeds; `Judge.note` fills it in."""
    told: "dict[Tell, tuple[Evidence, ...]]"
    """What each rule looked at, collected once for its finding and all the correlations that it feeds."""
    found: Sequence[Rows]
    """The requests to enter: one, or those of a lane."""


def make_case(look: Look, sighting: Sighting, rows: "array[int]") -> Case:
    """The case of one event that a rule matched; the named tuples are made the short way, since there are many."""
    event = look.event
    user, impersonated, ref = event.user or NOBODY, event.impersonatedUser, event.objectRef or NOTHING
    peer = source.peer(look)
    target = (ref.apiGroup, ref.resource, ref.subresource, ref.namespace)
    borrowed = (impersonated.username or "") if impersonated else None
    found = look.see(outcome)
    hour = 0 if sighting.time == UNKNOWN_TIME else sighting.time // HOUR
    facts = (
        user.username,
        look.see(principal_kind),
        user.groups or (),
        borrowed,
        (impersonated.groups or ()) if impersonated else (),
        peer,
        source.claimed(look),
        clip(event.userAgent),
        *target,
        found,
    )
    return Case(
        look,
        (look.context.cluster, user.username, borrowed, peer, *target, ANSWERS.get(found, "success"), hour),
        sighting,
        tuple.__new__(Facts, facts),
        clip(event.userAgent),
        {},
        {},
        (Rows(rows, precedence(sighting), clip(ref.name), clip(event.requestURI), look),),
    )


class Entry(msgspec.Struct, Generic[Key], frozen=True):
    """Where a match is entered: in the finding of its rule, or in a correlation that the rule feeds."""

    tallies: dict[Key, Tally]
    key: Key
    width: int
    """Microseconds of the stretches of time that keys tell apart."""
    tell: Tell
    marks: tuple[tuple[str, str], ...] = ()
    """What the match leaves for linking to follow."""
    link: "Link | None" = None
    """The correlation, which may count several values of one request, or none."""

    def during(self, time: int) -> "Entry[Key]":
        """Where the same match is entered at another time."""
        key = self.key.during(time // self.width)
        return Entry(self.tallies, key, self.width, self.tell, self.marks, self.link)

    def within(self, findings: Findings, links: Links) -> "AnyEntry":
        """Where the same match is entered in the tallies of another part."""
        tallies: Any = findings if self.link is None else links
        return msgspec.structs.replace(self, tallies=tallies)

    def like(self, case: Case) -> "Iterator[Entry[Key]]":
        """Where the matches of another case are entered in the same correlation."""
        for key in self.link.keys(case) if self.link is not None else ():
            yield msgspec.structs.replace(self, key=key)

    def enter(self, case: Case) -> None:
        """Enter the requests of a case that the rule matches, where there is what is counted."""
        tally = None
        for each in case.found:
            for value in (None,) if self.link is None else self.link.values(each.look):
                if tally is None:
                    tally = self._tally(case, each)
                if each.at < tally.evidence_at:
                    tally.evidence_at, tally.evidence = each.at, self._evidence(case, each)
                tally.enter(each.rows, each.name, each.uri, value)

    def _tally(self, case: Case, first: Rows) -> Tally:
        """The tally, which has been told all that the requests of a case share."""
        tally = self.tallies.get(self.key)
        if tally is None:
            evidence = self._evidence(case, first)
            tally = self.tallies[self.key] = Tally(case.facts, first.name, first.uri, first.at, evidence, array("I"))
        else:
            tally.tell(case.facts)
        if case.agent:
            tally.agents = keep(tally.agents, case.agent)
        if self.link is not None:
            tally.users = keep(tally.users, clip(case.group[1]) or "")
        tally.mark(self.marks)
        return tally

    def _evidence(self, case: Case, at: Rows) -> tuple[Evidence, ...]:
        """What the rule looked at; a rule that only excludes cites the request itself."""
        found = case.told.get(self.tell)
        if found is None:
            found = case.told[self.tell] = self.tell(case.look)
        return found or (Evidence("request", "requestURI", at.uri),)


AnyEntry = Entry[GroupKey] | Entry[LinkKey]


def clip(text: str | None, longest: int = LONGEST) -> str | None:
    """At most so many characters of a hostile string."""
    return text if text is None or len(text) <= longest else text[:longest] + "…"


class Link(NamedTuple):
    """A correlation as one of its rules feeds it: what reads the values to group by, and those to count or combine."""

    correlation: str
    rule: str
    group_by: tuple[Callable[[Look], Value], ...]
    value: Callable[[Look], Value] | None
    combination: tuple[Callable[[Look], Value], ...]
    width: int
    named: bool
    """True when what is counted is read off the object reference or the URI."""
    shared: bool
    """True when all that is read, but for what is counted, is the same for events with one meaning, at most hours."""
    clocked: bool
    """True when some of it is not the same at all hours."""
    timeless: bool
    """True when all that is read is the same for events of one shape."""

    def keys(self, case: Case) -> Iterator[LinkKey]:
        """The groups that a match falls into."""
        excused = case.excused.get(self.correlation)
        values = tuple(scalar(read(case.look)) for read in self.group_by)
        bucket = case.sighting.time // self.width
        for found in _combined(self.combination, case.look) if self.combination else ((),):
            yield LinkKey(self.correlation, self.rule, case.group[0], (*values, *found), bucket, excused)

    def values(self, look: Look) -> Iterator[str | None]:
        """What a match counts, nothing where that is absent; None, once, where nothing is to be counted."""
        if self.value is None:
            yield None
            return
        value = self.value(look)
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is not None:
                yield clip(str(item))


def _combined(readers: tuple[Callable[[Look], Value], ...], look: Look) -> list[tuple[Scalar, ...]]:
    """The combinations of one event: each element of a single list, else one unless nothing is there."""
    first = readers[0](look)
    if len(readers) == 1 and isinstance(first, list | tuple):
        return [(item,) for item in dict.fromkeys(first[:ELEMENTS])]
    found = (scalar(first), *(scalar(read(look)) for read in readers[1:]))
    return [found] if any(value is not None for value in found) else []


def _link(rule: Rule, correlation: Correlation) -> Link:
    alias = correlation.aliases
    names = [alias[name][rule.id] if name in alias else name for name in correlation.group_by]
    counted = None if correlation.combination else correlation.value_field
    readers = tuple(find(name).read for name in names)
    read = None if counted is None else find(counted).read
    combination = tuple(find(name).read for name in correlation.combination)
    grouped = [find(name) for name in (*names, *correlation.combination)]
    named = counted is not None and find(counted).name in NAMED
    alike = counted is None or named or is_shared(find(counted))
    clocked = any(map(is_clocked, grouped))
    shared = alike and all(is_shared(field) or is_clocked(field) for field in grouped)
    timeless = not any(map(is_own, grouped if counted is None else (*grouped, find(counted))))
    width = width_of(correlation)
    return Link(correlation.id, rule.id, readers, read, combination, width, named, shared, clocked, timeless)


def scalar(value: Value) -> Scalar:
    """A value to group by: a list counts as one name, its elements joined."""
    if isinstance(value, (list, tuple)):
        return "\x1f".join(sorted(str(item) for item in value)) if value else None
    return value
