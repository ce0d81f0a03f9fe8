"""The events of one part that rules may match: judged, entered in tallies, and let into lanes (`kernel.lane`)."""

from array import array
from typing import Final, NamedTuple

from kwho.formats.ladder import STRICT
from kwho.formats.shape import Alike, Shape
from kwho.kernel.crowd import STEP, sift, thin
from kwho.kernel.express import Express
from kwho.kernel.journal import BARE, STARTED, UNKNOWN_TIME, Brief, Sighting
from kwho.kernel.judge import AnyEntry, Judge, clip, make_case
from kwho.kernel.lane import Lane, is_apart, lane_for
from kwho.kernel.meaning import RECEIVED_STAGE, STARTED_STAGE, Lexicon, Meaning
from kwho.kernel.partial import Partial, PartKey
from kwho.schema.event import Event
from kwho.schema.moment import parse_moment
from kwho.schema.record import Context, Record
from kwho.state.fact import Told
from kwho.views import Look
from kwho.views.site import Surroundings

LONGEST_ID: Final = 128
"""Characters of an audit ID that are cited; what API servers make has 36. The request key holds the whole of it."""
TOGETHER: Final = 500
"""Lines of known shapes that are judged together."""
LANES: Final = 10_000
"""Lanes that are open at a time; when there are more, all are closed for good."""
RESTING: Final = 2_000
"""Lanes that rest until the next part; with more, all are closed for good."""


class Kit(NamedTuple):
    """What matching works with, part after part."""

    judge: Judge
    site: Surroundings | None
    express: Express | None
    lexicon: Lexicon


class Matching:
    """Enters what matches in the tallies of a partial; lines of known shapes are of the context `native`."""

    def __init__(self, kit: Kit, partial: Partial, place: PartKey, native: Context) -> None:
        self.judge, self.site, self.express, self.lexicon = kit
        self.lanes = self.lexicon.lanes
        """The meanings with a lane."""
        self.partial = partial
        self.part = place
        self.native = native
        self.journal = partial.journal
        self.journal.begin(place.file, place.start)
        self.waiting: list[tuple[Alike, Meaning, int]] = []
        """Events of known shapes that are to be judged, each with its meaning and key."""
        self.riding: list[tuple[Lane, Event, Brief]] = []
        """Those of them that have a lane, and are not noted yet."""
        self.crowded = STEP
        """Groups of findings beyond which crowds are looked for."""
        self.linked = STEP
        """Groups of correlations beyond which those that are too many are left out."""

    def judge_alike(self, alike: Alike, meaning: Meaning, key: int) -> None:
        """Let an event of a known shape wait that a rule may match: many at a time cost far less than one by one."""
        self.waiting.append((alike, meaning, key))
        if len(self.waiting) >= TOGETHER:
            self.judge_waiting()

    def judge_waiting(self) -> None:
        """Enter the rules that match the events that wait; one is decoded when that tells more."""
        waiting, self.waiting = self.waiting, []
        for alike, meaning, key in waiting:
            shape, audit_id, time, _, _, line, number, offset = alike
            asked = shape.asked
            if shape.facts:
                self.tell(shape, self.sight_alike(alike, meaning, key))
            if not asked:
                continue
            event = STRICT.decode(line) if shape.varied else shape.event
            lane = self.lane_of(meaning, asked, apart=is_apart(event.requestURI) if shape.varied else shape.apart)
            if lane is None:
                event = STRICT.decode(line) if asked & self.judge.own and not shape.varied else event
                seen = self.sight_alike(alike, meaning, key)
                self.judge_look(Look(event, self.native, self.site), seen, meaning, asked)
                continue
            if not lane.idle:
                brief = (time, key, self.rank(meaning, event.stage), offset, number, audit_id)
                self.riding.append((lane, event, brief))
            if self.express is not None and not (shape.varied or meaning.deprecated):
                self.express.tell(shape, meaning, rides=not lane.idle)
        self.board()

    def tell(self, shape: Shape, seen: Sighting) -> None:
        """Enter the facts that a line of a shape tells."""
        for fact in shape.facts:
            self.partial.pending.facts.add(Told(fact, seen))

    def board(self) -> None:
        """Let those into their lanes that stand before them."""
        riding, self.riding = self.riding, []
        if riding:
            first = self.journal.append([brief for _, _, brief in riding])
            for row, (lane, event, brief) in enumerate(riding, first):
                self.ride(lane, brief[0], row, event)

    def judge_event(self, record: Record, context: Context, meaning: Meaning, mask: int, key: int) -> None:
        """Enter the rules that match one event."""
        look = Look(record.event, context, self.site)
        self.judge_look(look, self.sight(record, meaning, key), meaning, mask)

    def judge_look(self, look: Look, seen: Sighting, meaning: Meaning, mask: int) -> None:
        """Enter the rules that match one event, or let it into its lane; one that was received is remembered."""
        event, partial = look.event, self.partial
        if meaning.stage == RECEIVED_STAGE:
            partial.witness.ask(look, seen, event.requestURI)
            return
        lane = self.lane_of(meaning, mask, apart=is_apart(event.requestURI))
        if lane is not None:
            if not lane.idle:
                self.ride(lane, seen.time, self.journal.note(seen), event)
            return
        numbers, settled = list(self.judge.matches(look, mask)), not mask & ~self.judge.settled
        if not (numbers or settled):
            return
        told = numbers and self.judge.tells(numbers[0])
        case = make_case(look, seen, array("I", [self.journal.note(seen)] if told else ()))
        entries: list[AnyEntry] = []
        for number in numbers:
            entries += self.judge.note(number, case, partial.findings, partial.links, partial.pending)
        self.bound()
        if settled and meaning.lane is None:
            self.open(meaning, lane_for(case, numbers, self.judge, entries, self.journal))

    def ride(self, lane: Lane, time: int, row: int, event: Event) -> None:
        """Let a request that was noted wait in a lane."""
        if not lane.begin <= time < lane.end:
            lane.turn(time)
            self.bound()
        lane.enter(row, event.objectRef.name if event.objectRef is not None else None, event.requestURI)

    def gather(self, express: Express) -> None:
        """Let those into their lanes that were passed."""
        begun = self.lexicon.begun
        for log in express.riding():
            ranks = array("I", (self.rank(begun(shape.meaning), shape.event.stage) for shape in log.shapes))
            base = self.journal.enter((log.times, log.keys, log.offsets, log.lines), ranks, log.ids)
            for row, (time, shape) in enumerate(zip(log.times, log.shapes, strict=True), base):
                self.ride(self.resumed(shape.meaning.lane), time, row, shape.event)

    def open(self, meaning: Meaning, lane: Lane | None) -> None:
        """Let requests of a meaning wait in a lane, if there is one for them."""
        if lane is None:
            return
        if len(self.lanes) >= LANES:
            self.close()
        meaning.lane = lane
        self.lanes.append(meaning)

    def resumed(self, lane: Lane) -> Lane:
        """A lane, which takes requests of this part from now on if it rested."""
        if lane.rests:
            lane.resume(self.partial.findings, self.partial.links, self.journal)
        return lane

    def rest(self) -> None:
        """Enter all that wait in lanes."""
        self.board()
        if self.express is not None:
            self.gather(self.express)
        for meaning in self.lanes:
            if meaning.lane is not None and not meaning.lane.rests:
                meaning.lane.rest()

    def close(self) -> None:
        """Close all lanes for good."""
        self.rest()
        if self.express is not None:
            self.express.halt()
        for meaning in self.lanes:
            meaning.lane = None
        self.lanes.clear()

    def bound(self) -> None:
        """Keep the tallies within their bounds."""
        partial = self.partial
        if len(partial.links) > self.linked:
            partial.sampled |= sift(partial.links)
            self.linked = len(partial.links) + STEP
        if len(partial.findings) > self.crowded:
            partial.crowded = thin(partial.findings)
            self.crowded = len(partial.findings) + STEP

    def lane_of(self, meaning: Meaning, mask: int, *, apart: bool) -> Lane | None:
        """The lane of a meaning, unless the request is one that no lane takes, or a rule wants to see more."""
        lane = None if apart or mask & ~self.judge.settled else meaning.lane
        return None if lane is None else self.resumed(lane)

    def rank(self, meaning: Meaning, stage: str | None) -> int:
        """The stage of an event of this meaning and how good a look it is, as the journal has them."""
        if meaning.rank < 0:
            meaning.rank = self.journal.stage(stage, _rank(meaning))
        return meaning.rank

    def sight(self, record: Record, meaning: Meaning, key: int) -> Sighting:
        """A look at a decoded event."""
        event, part = record.event, self.part
        place = (part.file, part.start, record.offset, record.index, record.line)
        time = _time(event.requestReceivedTimestamp)
        named = clip(event.stage), clip(event.auditID, LONGEST_ID)
        return tuple.__new__(Sighting, (time, key, _rank(meaning), *place, *named))

    def sight_alike(self, alike: Alike, meaning: Meaning, key: int) -> Sighting:
        """A look at an event of a known shape."""
        shape, audit_id, time, _, _, _, number, offset = alike
        return self.sight_line(meaning, shape.event.stage, (time, key, offset, number), audit_id.decode())

    def sight_line(self, meaning: Meaning, stage: str | None, at: tuple[int, int, int, int], audit_id: str) -> Sighting:
        """A look at an event in a line of its own; `at` tells time, key, offset and number of the line."""
        time, key, offset, number = at
        place = (self.part.file, self.part.start, offset, 0, number)
        return tuple.__new__(Sighting, (time, key, _rank(meaning), *place, stage, audit_id))

    def finish(self) -> None:
        """Enter all that waits, and keep the tallies within their bounds."""
        self.judge_waiting()
        self.rest()
        if len(self.lanes) > RESTING:
            self.close()
        if self.partial.crowded or len(self.partial.findings) > STEP:
            self.partial.crowded = thin(self.partial.findings)
        self.partial.sampled |= sift(self.partial.links)


def _rank(meaning: Meaning) -> int:
    return (STARTED if meaning.stage == STARTED_STAGE else 0) | (0 if meaning.body else BARE)


def _time(received: str | None) -> int:
    """Microseconds since 1970 of a time of receipt."""
    moment = parse_moment(received)
    return UNKNOWN_TIME if moment is None else moment
