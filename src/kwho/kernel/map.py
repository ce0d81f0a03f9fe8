"""`map`: the records of one part of the input to a `Partial`. The hot loop of the product stands here.

Most lines are of a known shape (`formats.shape`): they cost two appends, or are passed by compiled code before they
come here (`kernel.express`). A line that was decoded finds its meaning (`kernel.meaning`) by its few-valued parts.
Everything else is done once per meaning and hour, or only for the few events that a rule can match.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from kwho.formats import CONTEXT_NATIVE
from kwho.formats.ladder import STRICT
from kwho.formats.shape import Alike, Shape, mark
from kwho.kernel.clock import Clock
from kwho.kernel.columns import Columns, encode_partition, fold
from kwho.kernel.express import Express
from kwho.kernel.journal import UNKNOWN_TIME, Sighting, uuids
from kwho.kernel.judge import Judge, clip
from kwho.kernel.lane import is_apart
from kwho.kernel.matching import Kit, Matching
from kwho.kernel.meaning import RECEIVED_STAGE, Lexicon, Meaning
from kwho.kernel.partial import PROBLEMS, PartFacts, Partial, PartKey, slowest
from kwho.kernel.witness import Credential, Kind, Leap, Spot, Stretch, Ticking, Use
from kwho.profile.gaps import SILENCE
from kwho.schema.event import Event
from kwho.schema.ledger import Problem
from kwho.schema.moment import HOUR, LATEST, MINUTE, format_moment, parse_moment
from kwho.schema.record import Context, Record, Rejected
from kwho.schema.result import Slow
from kwho.views import Look
from kwho.views.site import Surroundings

SLOW: Final = 1_000_000
"""Microseconds from receipt to the end of the answer from which an ordinary request counts as slow."""
LEAP: Final = SILENCE * MINUTE
"""Microseconds beyond which the answer to an ordinary request cannot have taken: API servers give it up before."""

_TIMES: Final = frozenset({"requestReceivedTimestamp", "stageTimestamp"})

Predicate = Callable[[Look], bool]


class Place(NamedTuple):
    """Which part is mapped, of which file, and which family of rotated files that belongs to."""

    part: PartKey
    path: str
    family: str | None = None


class Mapper:
    """Maps parts with one compiled rule set. State between parts is memory of decisions only, never of events."""

    def __init__(
        self,
        judge: Judge,
        where: Predicate | None = None,
        cluster: str | None = None,
        site: Surroundings | None = None,
        express: Express | None = None,
    ) -> None:
        self.judge = judge
        self.where = where
        self.cluster = cluster
        self.site = site
        self.lexicon = Lexicon(judge.masks, site)
        self.express = express
        """What recognises the lines of the records that are to come, when it passes some of them."""

    def map(self, records: Iterable[Record | Rejected | Alike], place: Place) -> Partial:
        """Everything one part tells. The caller fills in where it ended (`PartFacts.end`, `.lines`).

        Lines that come by their shape are judged by the rules, not by the user's filter.
        """
        return _Part(self, place).run(records)


class _Source:
    """Where events come from, as far as their wrapper tells."""

    __slots__ = ("clock", "context", "events", "number")

    def __init__(self, context: Context, clock: Clock, number: int) -> None:
        self.context = context
        self.clock = clock
        self.number = number
        """Tells contexts apart."""
        self.events = 0


class _Part:
    """The state of the mapping of one part; the numbers of operations, users … are those of the lexicon."""

    def __init__(self, mapper: Mapper, place: Place) -> None:
        self.judge = mapper.judge
        self.where = mapper.where
        self.cluster = mapper.cluster
        self.place = place
        self.partial = Partial()
        self.facts = PartFacts()
        self.site = mapper.site
        self.lexicon = mapper.lexicon
        self.lexicon.begin()
        self.clocks: dict[str | None, Clock] = {}
        self.sources: dict[Context, _Source] = {}
        self.native = self.source(CONTEXT_NATIVE)
        self.origin, self.origin_source = CONTEXT_NATIVE, self.native
        kit = Kit(mapper.judge, mapper.site, mapper.express, mapper.lexicon)
        self.matching = Matching(kit, self.partial, place.part, self.native.context)
        self.express = mapper.express
        self.mark = mark if self.express is None else self.express.mark
        if self.express is not None:
            self.express.begin(self.lexicon.book)
        self.rows: dict[tuple[int, ...], int] = {}
        """The numbers of signatures: sign of the meaning, hour, and whether the user's filter let them through."""
        self.passed = 0
        """Lines that were passed before the last rejected one."""

    def run(self, records: Iterable[Record | Rejected | Alike]) -> Partial:  # noqa: C901  the one hot loop
        """Whole lines of the loop are spent on the events of known shapes, since they are nearly all."""
        native, minutes = self.native, self.native.clock.minutes
        first, last, alike, owner = LATEST, 0, 0, self.lexicon.owner
        record: Record | Rejected | Alike | None = None
        for record in records:
            if type(record) is not tuple:
                if isinstance(record, Record):
                    self.take(record)
                elif isinstance(record, Rejected):
                    self.reject(record)
                continue
            shape, _, moment, answered, marked, _, _, _ = record
            alike += 1
            meaning = shape.meaning
            if meaning is None or meaning.owner is not owner:
                meaning = self.interpret(shape)
            minutes.add(moment // MINUTE)
            last = max(last, moment)
            first = min(first, moment)
            if moment // HOUR != meaning.hour:
                self.turn(meaning, moment // HOUR)
            key = shape.seed ^ marked
            if moment < meaning.noted:
                meaning.noted = moment
                self.note(meaning, native, self.matching.sight_alike(record, meaning, key))
            keys, numbers = meaning.columns[key & 63]
            keys.append(key)
            numbers.append(meaning.row)
            if shape.mask:
                self.matching.judge_alike(record, meaning, key)
            if meaning.deprecated or not -SLOW < answered - moment < SLOW:
                self.take_special(record, meaning, key)
        native.events += alike
        if isinstance(record, Rejected):
            self.facts.cut = record.kind == "truncated" and self.passed == self.silent()
        native.clock.cover((), first, last)
        return self.finish()

    def take(self, record: Record) -> None:
        """Enter an event that was decoded."""
        if record.context is not self.origin:
            self.origin, self.origin_source = record.context, self.source(record.context)
        source, event = self.origin_source, record.event
        source.events += 1
        meaning, uri = self.lexicon.meaning(event, source), _bytes(event.requestURI)
        moment = source.clock.read(event.requestReceivedTimestamp)
        hour = 0 if moment == UNKNOWN_TIME else moment // HOUR
        if event.auditID and hour:
            marked = self.mark(_bytes(event.auditID), _bytes(event.requestReceivedTimestamp))
            key = self.seed(meaning, uri) ^ marked
        else:
            key = hash((self.place.path, record.offset, record.index))  # nothing but its position tells it from others
        judged = self.where is None or self.where(Look(event, source.context, self.site))
        if hour != meaning.hour:
            self.turn(meaning, hour)
        if moment < meaning.noted and judged:
            meaning.noted = moment
            self.note(meaning, source, self.matching.sight(record, meaning, key))
        keys, numbers = meaning.columns[key & 63]
        keys.append(key)
        numbers.append(meaning.row if judged else self.row(meaning, hour, judged=False))
        if record.assumed or record.damaged:
            self.partial.assumed.update(record.assumed)
            self.partial.damaged.update(record.damaged)
        mask = meaning.mask if judged else meaning.mask & self.judge.observing
        if mask and meaning.pathless:
            mask &= self.lexicon.path_mask(uri, Look(event, source.context, self.site))
        if mask:
            self.matching.judge_event(record, source.context, meaning, mask, key)
        if judged and meaning.deprecated:
            self.note_deprecated(event, key)
        took = _took(event, meaning, moment) if judged and hour else 0
        if took:
            self.note_took(meaning, source, event, self.matching.sight(record, meaning, key), took)

    def take_special(self, alike: Alike, meaning: Meaning, key: int) -> None:
        """Look closer at an event of a known shape that is deprecated, or was answered late or too early."""
        shape, _, moment, answered, _, line, _, _ = alike
        if meaning.deprecated:
            self.note_deprecated(shape.event, key)
        if _tells(answered - moment, meaning):
            event = STRICT.decode(line) if shape.varied else shape.event
            event = msgspec.structs.replace(event, requestReceivedTimestamp=format_moment(moment))
            seen = self.matching.sight_alike(alike, meaning, key)
            self.note_took(meaning, self.native, event, seen, answered - moment)

    def interpret(self, shape: Shape) -> Meaning:
        """The meaning of a shape in this part, and what its URI adds."""
        event, known = shape.event, shape.meaning is not None
        meaning: Meaning | None = shape.meaning
        if meaning is None or meaning.book is not self.lexicon.book:
            meaning = shape.meaning = self.lexicon.meaning(event, self.native)
        else:
            self.lexicon.begun(meaning)
        uri = _bytes(event.requestURI)
        if not known and meaning.mask:
            look = Look(event, self.native.context, self.site)
            mask = meaning.mask & self.lexicon.path_mask(uri, look) if meaning.pathless else meaning.mask
            shape.mask = shape.asked = self.judge.decide(look, mask, bodied=shape.bodied, queried=shape.queried)
            if not shape.varied:
                shape.asked, shape.facts = self.judge.facts(look, shape.mask)
                shape.apart = is_apart(event.requestURI)
        shape.seed = self.seed(meaning, uri, queried=shape.queried)
        idle = not shape.mask or (meaning.stage != RECEIVED_STAGE and not shape.asked)
        if self.express is not None and idle and not meaning.deprecated:
            self.express.tell(shape, meaning)
        return meaning

    def seed(self, meaning: Meaning, uri: bytes, *, queried: bool = False) -> int:
        """What the request keys of events of one meaning and URI share; without the query where lines tell it."""
        path, has, query = uri.partition(b"?")
        seed = hash((meaning.seed, path, has))
        return seed if queried or not has else seed ^ self.mark(query, b"")

    def turn(self, meaning: Meaning, hour: int) -> None:
        """Let a meaning count events of another hour."""
        meaning.hour = hour
        meaning.row = self.row(meaning, hour, judged=True)
        meaning.noted = LATEST if meaning.watched else 0

    def row(self, meaning: Meaning, hour: int, *, judged: bool) -> int:
        """The number of a signature; the lowest bit says whether its events have a body."""
        return self.rows.setdefault((*meaning.sign, hour, judged), len(self.rows)) << 1 | meaning.body

    def source(self, context: Context) -> _Source:
        """What is known of the events in one wrapper; without a cluster of their own they are of the user's."""
        source = self.sources.get(context)
        if source is None:
            clock = self.clocks.get(context.instance)
            if clock is None:
                clock = self.clocks[context.instance] = Clock()
            named = (
                context
                if context.cluster or not self.cluster
                else msgspec.structs.replace(context, cluster=self.cluster)
            )
            source = self.sources[context] = _Source(named, clock, self.lexicon.place(named))
        return source

    def note(self, meaning: Meaning, source: _Source, sighting: Sighting) -> None:
        """Remember where a credential or a kubelet was in an hour, and whether bodies are recorded in it."""
        (_, user, agent, peer), lexicon = meaning.sign, self.lexicon
        if meaning.recorded is not None and meaning.hour:
            self.partial.witness.record(Kind(source.context.cluster, *meaning.recorded), meaning.hour, sighting)
        at, hour, cluster = lexicon.peers[peer], meaning.hour, source.context.cluster
        if at is None or not hour:
            return
        if meaning.kubelet is not None:
            stretch = Stretch(hour, hour, frozenset(), sighting, sighting)
            self.partial.witness.house(Spot(cluster, at), meaning.kubelet, stretch)
        if meaning.followed is not None:
            identity, pod, node = meaning.followed
            followed = Credential(cluster, identity, lexicon.users[user], pod, hour if pod is None else 0, node)
            self.partial.witness.use(followed, at, Use(sighting, lexicon.agents[agent]))

    def note_deprecated(self, event: Event, key: int) -> None:
        """Count a request to a deprecated API."""
        ref = event.objectRef
        api = clip(f"{ref.apiGroup or 'core'}/{ref.apiVersion}/{ref.resource}" if ref else "core/None/None") or ""
        self.partial.deprecate(api, {key})

    def note_took(self, meaning: Meaning, source: _Source, event: Event, sighting: Sighting, took: int) -> None:
        """Count a slow request, and remember one in which the clock of the API server leapt, or may have."""
        if meaning.timed and took > 0:
            slow, key, user = self.partial.slow, sighting.key, event.user.username if event.user else None
            what = (clip(event.verb), clip(event.requestURI), clip(user), event.requestReceivedTimestamp)
            slow.keys.add(key)
            slow.slowest = slowest([*slow.slowest, (key, Slow(took / 1_000_000, *what))])
        context = source.context
        if (took < 0 or (took > LEAP and not meaning.pathless)) and not _TIMES.intersection(context.derived):
            family = None if context.instance else self.place.family
            ticking = Ticking(meaning.hour, took < 0, context.cluster, context.instance, family)
            self.partial.witness.leap(ticking, Leap(took, sighting))

    def reject(self, rejected: Rejected) -> None:
        """Count a record that is no event, and keep where the first of each kind stand."""
        facts = self.facts
        self.passed = self.silent()
        facts.rejected[rejected.kind] += 1
        self.partial.reasons[rejected.kind, rejected.reason] += 1
        if rejected.format:
            facts.formats[rejected.format] += 1
        if facts.rejected[rejected.kind] <= PROBLEMS:
            facts.problems.append(
                Problem(
                    rejected.kind,
                    rejected.reason,
                    self.place.path,
                    rejected.line,
                    rejected.offset,
                    rejected.index,
                    rejected.audit_id,
                    rejected.excerpt,
                )
            )

    def silent(self) -> int:
        """Events so far that nobody looked at."""
        return 0 if self.express is None else self.express.passed

    def catch_up(self, express: Express, counts: Counter[int]) -> None:
        """Count what was passed, by signature as well, and take note of what it tells."""
        begun, matching = self.lexicon.begun, self.matching
        for log in express.telling():
            columns = zip(log.times, log.keys, log.offsets, log.lines, strict=True)
            for shape, audit_id, at in zip(log.shapes, uuids(log.ids), columns, strict=True):
                moment, meaning = at[0], begun(shape.meaning)
                seen = matching.sight_line(meaning, shape.event.stage, at, audit_id)
                if moment // HOUR != meaning.hour:
                    self.turn(meaning, moment // HOUR)
                if moment <= meaning.noted:  # the place decides between two of one moment
                    meaning.noted = moment
                    self.note(meaning, self.native, seen)
                matching.tell(shape, seen)
        rows = array("I")
        for meaning, hour, events in express.turns():
            rows.append(self.row(begun(meaning), hour, judged=True))
            counts[rows[-1]] += events
        express.settle(rows)
        express.fill(self.lexicon.columns, self.native.clock)
        self.native.events += express.passed

    def finish(self) -> Partial:
        """Fold what the part told into its sums."""
        partial, facts, lexicon = self.partial, self.facts, self.lexicon
        self.matching.finish()
        counts = Counter[int]()
        for _, numbers in chain.from_iterable(lexicon.columns):
            counts.update(numbers)
        if self.express is not None:
            self.catch_up(self.express, counts)
        partial.identified = lexicon.identified
        for source in self.sources.values():
            if source.events:
                partial.contexts[source.context] += source.events
                facts.formats[source.context.format] += source.events
                facts.decoded += source.events
        for instance, clock in self.clocks.items():
            span = clock.span
            partial.unknown_time += clock.unknown
            if clock.minutes:
                partial.minutes.setdefault(instance or self.place.family, set()).update(clock.minutes)
            if span is not None:
                partial.stretch(*span)
        table = lexicon.table(self.rows)
        partial.witness.forget(lexicon.columns[:RECEIVED_STAGE] + lexicon.columns[RECEIVED_STAGE + 1 :])
        facts.filtered = fold(table, counts, partial.activity)
        facts.records = facts.decoded + facts.rejected.total()
        facts.columns = Columns(
            tuple(encode_partition(pieces) for pieces in zip(*lexicon.columns, strict=True)),
            msgspec.msgpack.encode(table),
        )
        lexicon.close()
        partial.parts[self.place.part] = facts
        return partial


def _bytes(text: str | None) -> bytes:
    """A text as it goes into a request key: the bytes that a line of a known shape has there."""
    return (text or "").encode("utf-8", "surrogatepass")


def _took(event: Event, meaning: Meaning, received: int) -> int:
    """Microseconds from receipt to answer, where that tells something; else 0."""
    start, stage = event.requestReceivedTimestamp or "", event.stageTimestamp or ""
    if start.startswith(stage[:19]) or not (meaning.timed or stage < start):
        return 0
    ended = parse_moment(stage)
    took = 0 if ended is None else ended - received
    return took if _tells(took, meaning) else 0


def _tells(took: int, meaning: Meaning) -> bool:
    """True for a slow request, and for one that was answered before it was received; others may well last."""
    return took <= -SLOW or (took >= SLOW and meaning.timed)
