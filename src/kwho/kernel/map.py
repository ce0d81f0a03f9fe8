"""`map`: the records of one part of the input to a `Partial`. The hot loop of the product stands here.

Per event: one dictionary look-up each for the operation, the user, the agent, the peer, the place and the second of
receipt, the AND of their rule masks, one keyed hash, and two appends. Everything else is done once per distinct value,
or only for the few events that a rule can match.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from kwho.formats.lean import complete
from kwho.kernel.columns import PARTITIONS, Columns, Table, encode_partition, fold
from kwho.kernel.judge import Judge, Seen, clip, make_case
from kwho.kernel.lane import Lane, lane_for
from kwho.kernel.partial import PROBLEMS, PartFacts, Partial, PartKey, slowest
from kwho.kernel.tally import BODY, STARTED, UNKNOWN_TIME
from kwho.profile.activity import Operation
from kwho.schema.event import ABSENT, Event, ObjectRef, Status, User
from kwho.schema.ledger import Problem
from kwho.schema.moment import HOUR, MINUTE, parse_moment
from kwho.schema.record import Context, Record, Rejected
from kwho.schema.result import Slow
from kwho.views import Look
from kwho.views.outcome import answer

CLOSED_EARLY: Final = "Connection closed early"
DECISION: Final = "authorization.k8s.io/decision"
REASON: Final = "authorization.k8s.io/reason"
DEPRECATED: Final = "k8s.io/deprecated"

SLOW: Final = 1_000_000
"""Microseconds from receipt to the end of the answer from which an ordinary request counts as slow."""
MEMO: Final = 100_000
"""Distinct values remembered per part and dimension; beyond, a value is looked at anew each time."""
APIS: Final = 1_000
"""Deprecated APIs told apart."""

_NO_REF: Final = ObjectRef()
_NO_STATUS: Final = Status()
_NO_USER: Final = User()
_NO_CONTEXT: Final = Context("none")
_NO_ANNOTATIONS: Final[dict[str, str]] = {}
_STAGE: Final = {"ResponseComplete": 0, "RequestReceived": 1, "ResponseStarted": 2}
_REST: Final = 3
_LONG_RUNNING: Final = frozenset({"exec", "attach", "portforward", "proxy", "log"})

Predicate = Callable[[Look], bool]


def _time(event: Event) -> int:
    moment = parse_moment(event.requestReceivedTimestamp)
    return UNKNOWN_TIME if moment is None else moment


class _Known(NamedTuple):
    """What the hot loop needs to know of an operation, found once."""

    number: int
    mask: int
    stage: int
    body: int
    timed: bool


class Place(NamedTuple):
    """Which part is mapped, of which file, and which family of rotated files that belongs to."""

    part: PartKey
    path: str
    family: str | None = None


class Mapper:
    """Maps parts with one compiled rule set. State between parts is memory of decisions only, never of events."""

    def __init__(self, judge: Judge, where: Predicate | None = None, cluster: str | None = None) -> None:
        self.judge = judge
        self.where = where
        self.cluster = cluster

    def map(self, records: Iterable[Record | Rejected], place: Place) -> Partial:
        """Everything one part tells. The caller fills in where it ended (`PartFacts.end`, `.lines`)."""
        return _Part(self, place).run(records)


class _Part:
    """The state of the mapping of one part; all numbers (of operations, users …) are its own."""

    def __init__(self, mapper: Mapper, place: Place) -> None:
        self.judge = mapper.judge
        self.masks = mapper.judge.masks
        self.where = mapper.where
        self.cluster = mapper.cluster
        self.place = place
        self.partial = Partial()
        self.facts = PartFacts()
        self.context = _NO_CONTEXT
        self.operations: dict[tuple[object, ...], _Known] = {}
        self.operation_rows: list[Operation] = []
        self.users: dict[str | None, tuple[int, int, tuple[str, ...] | None]] = {}
        self.user_rows: list[str | None] = []
        self.agents: dict[str | None, tuple[int, int]] = {}
        self.agent_rows: list[str | None] = []
        self.peers: dict[str | None, tuple[int, int]] = {}
        self.peer_rows: list[str | None] = []
        self.lanes: dict[tuple[int, str | None, bool], Lane] = {}
        self.namespaces: dict[str | None, int] = {}
        self.paths: dict[str | None, int] = {}
        self.clocks: dict[str | None, dict[str, int]] = {}
        self.rows: tuple[dict[tuple[int, ...], int], ...] = ({}, {})
        self.signs = 0
        self.columns = [[(array("q"), array("I")) for _ in range(PARTITIONS)] for _ in range(4)]

    def run(self, records: Iterable[Record | Rejected]) -> Partial:  # noqa: C901, PLR0912, PLR0915  the one hot loop
        """Budgets of length and complexity are spent here so that no event pays for a call."""
        operations, users, agents, peers = self.operations, self.users, self.agents, self.peers
        columns, where, absent, decided, reasoned = self.columns, self.where, ABSENT, DECISION, REASON
        origin, context, cluster, seconds, rows, counted = None, _NO_CONTEXT, None, {}, self.rows[1], 0
        namespaces, paths, nothing = self.namespaces, self.paths, _NO_REF
        first, last, record, judged = "~", "", None, True
        for record in records:
            if type(record) is not Record:
                self.reject(record)  # type: ignore[arg-type]  # a Rejected, the only other class there is
                continue
            event = record.event
            if record.context is not origin:
                self.count_context(context, counted)
                counted, origin = 0, record.context
                context = self.context = self.place_context(origin)
                cluster = context.cluster or ""  # the hash of None differs from process to process before Python 3.12
                seconds = self.clocks.setdefault(context.instance, {})
            counted += 1
            ref = event.objectRef or _NO_REF
            status = event.responseStatus or _NO_STATUS
            annotations = event.annotations or _NO_ANNOTATIONS
            user = event.user or _NO_USER
            name, agent, addresses, verb = user.username, event.userAgent, event.sourceIPs, event.verb
            audit_id, message, decision = event.auditID, status.message, annotations.get(decided)
            plain = decision is not None and len(annotations) == 2 and reasoned in annotations
            signs = (
                verb, event.stage, event.level, ref.resource, ref.subresource, ref.apiGroup, status.code,
                message is not None and message == CLOSED_EARLY, decision, event.requestObject is absent,
                event.responseObject is absent, event.impersonatedUser is None, plain,
            )  # fmt: skip
            try:
                number, mask, stage, body, timed = operations[signs]
            except KeyError:
                number, mask, stage, body, timed = self.learn_operation(signs, record)
            try:
                user_number, user_mask, groups = users[name]
                if groups != user.groups:
                    user_number, user_mask, groups = self.learn_user(record)
            except KeyError:
                user_number, user_mask, groups = self.learn_user(record)
            try:
                agent_number, agent_mask = agents[agent]
            except KeyError:
                agent_number, agent_mask = self.learn_agent(record)
            try:
                peer_number, peer_mask = peers[addresses[-1] if addresses else None]
            except KeyError:
                peer_number, peer_mask = self.learn_peer(record)
            uri, spot = event.requestURI, ref.namespace
            try:
                place_mask = namespaces[spot] if ref is not nothing else paths[uri]
            except KeyError:
                place_mask = self.learn_place(record)
            received = event.requestReceivedTimestamp or ""
            try:
                hour = seconds[received[:20]]
                digits = received[20:26]
                if len(received) != 27 or received[26] != "Z" or not (digits.isdigit() and digits.isascii()):
                    hour = self.learn_second(received, seconds)
                elif received < first:
                    first = received
                elif received > last:
                    last = received
            except KeyError:
                hour = self.learn_second(received, seconds)
            if audit_id and hour:
                key = hash((cluster, audit_id, received, uri or "", verb or "", name or ""))
            else:
                key = hash((self.place.path, record.offset, record.index))
            mask &= user_mask & agent_mask & peer_mask & place_mask
            if where is not None:
                judged = where(Look(event, context))
                rows = self.rows[judged]
                mask = mask if judged else 0
            sign = (number, user_number, agent_number, peer_number, hour)
            try:
                row = rows[sign]
            except KeyError:
                row = rows[sign] = self.learn_row(body)
            keys, numbers = columns[stage][key & 63]
            keys.append(key)
            numbers.append(row)
            if mask:
                self.judge_event(record, mask, key, row, stage)
            if not plain and judged and annotations.get(DEPRECATED) == "true":
                self.note_deprecated(event, key)
            if timed and judged and not received.startswith((event.stageTimestamp or "")[:19]):
                self.note_duration(event, key)
            if record.assumed or record.damaged:
                self.partial.assumed.update(record.assumed)
                self.partial.damaged.update(record.damaged)
        self.facts.cut = isinstance(record, Rejected) and record.kind == "truncated"
        self.count_context(context, counted)
        self.see_moment(parse_moment(first))
        self.see_moment(parse_moment(last))
        return self.finish()

    def learn_row(self, body: int) -> int:
        """Number a signature; the lowest bit says whether its events have a body."""
        self.signs += 1
        return (self.signs - 1) << 1 | body

    def learn_operation(self, signs: tuple[object, ...], record: Record) -> _Known:
        """Number an operation and find the rules that can match it."""
        look = Look(record.event, record.context)
        event = record.event
        facts = (*signs[:9], not signs[9], not signs[10], not signs[11], look.see(answer))
        stage = _STAGE.get(event.stage or "", _REST)
        ordinary = event.verb != "watch" and signs[4] not in _LONG_RUNNING
        body = int(not (signs[9] and signs[10]))
        known = _Known(
            len(self.operation_rows), self.masks.operation(look, signs), stage, body, ordinary and stage == 0
        )
        self.operation_rows.append(Operation(*facts))  # type: ignore[arg-type]  # the signs, in the order of Operation
        if len(self.operations) < MEMO:
            self.operations[signs] = known
        return known

    def learn_user(self, record: Record) -> tuple[int, int, tuple[str, ...] | None]:
        """Number a user; the same name with other groups is judged anew each time it takes turns."""
        user = record.event.user or _NO_USER
        held = self.users.get(user.username)
        number = held[0] if held else len(self.user_rows)
        if held is None:
            self.user_rows.append(clip(user.username))
        look = Look(record.event, record.context)
        known = (number, self.masks.dimension("user", look, (user.username, user.groups)), user.groups)
        if held or len(self.users) < MEMO:
            self.users[user.username] = known
        return known

    def learn_agent(self, record: Record) -> tuple[int, int]:
        """Number a user agent."""
        agent = record.event.userAgent
        known = (len(self.agent_rows), self.masks.dimension("agent", Look(record.event, record.context), agent))
        self.agent_rows.append(clip(agent))
        if len(self.agents) < MEMO:
            self.agents[agent] = known
        return known

    def learn_peer(self, record: Record) -> tuple[int, int]:
        """Number a direct peer."""
        addresses = record.event.sourceIPs
        peer = addresses[-1] if addresses else None
        known = (len(self.peer_rows), self.masks.dimension("peer", Look(record.event, record.context), peer))
        self.peer_rows.append(clip(peer))
        if len(self.peers) < MEMO:
            self.peers[peer] = known
        return known

    def learn_place(self, record: Record) -> int:
        """The rules that can match in this namespace, or, for a request on no resource, with this URI."""
        event = record.event
        mask = self.masks.place(Look(event, record.context))
        ref = event.objectRef
        known, key = (self.paths, event.requestURI) if ref is None else (self.namespaces, ref.namespace)
        if len(known) < MEMO:
            known[key] = mask
        return mask

    def learn_second(self, received: str, seconds: dict[str, int]) -> int:
        """The hour of a time that is new or unusual; 0 when it is not believable."""
        moment = parse_moment(received)
        if moment is None:
            self.partial.unknown_time += 1
            return 0
        self.see_moment(moment)
        hour = moment // HOUR
        if received[26:] == "Z" and received[19] == "." and received[10] == "T":
            if len(seconds) >= MEMO:
                self.flush_clock(seconds)
            seconds[received[:20]] = hour
        else:
            self.minutes_of(seconds).add(moment // MINUTE)
        return hour

    def minutes_of(self, seconds: dict[str, int]) -> set[int]:
        """The minutes with events of the instance that a clock belongs to."""
        instance = next((name for name, clock in self.clocks.items() if clock is seconds), None)
        return self.partial.minutes.setdefault(instance or self.place.family, set())

    def see_moment(self, moment: int | None) -> None:
        """Widen the span."""
        if moment is None:
            return
        partial = self.partial
        partial.first = moment if partial.first is None else min(partial.first, moment)
        partial.last = moment if partial.last is None else max(partial.last, moment)

    def flush_clock(self, seconds: dict[str, int]) -> None:
        """Turn remembered seconds into minutes with events."""
        minutes = self.minutes_of(seconds) if seconds else set()
        for minute in {second[:16] for second in seconds}:
            moment = parse_moment(minute + ":00Z")
            if moment is not None:
                minutes.add(moment // MINUTE)
        seconds.clear()

    def judge_event(self, record: Record, mask: int, key: int, row: int, stage: int) -> None:
        """Enter the rules that match one event."""
        place, flags = self.place.part, (STARTED if stage == 2 else 0) | (BODY if row & 1 else 0)
        seen = Seen(record, place.file, place.start, key, flags, _time(record.event))
        ref = record.event.objectRef or _NO_REF
        lane_key = (row, ref.namespace, ref.name is None)
        lane = self.lanes.get(lane_key)
        if lane and lane.takes(record, self.context) and lane.enter(seen, self.judge, self.partial.links):
            return
        if mask & self.judge.whole:
            whole = complete(record)
            if whole is not record:
                self.partial.damaged.update(whole.damaged)
                seen = seen._replace(record=whole)
        look = Look(seen.record.event, self.context)
        numbers = list(self.judge.matches(look, mask))
        shared = not mask & ~self.judge.settled and len(self.lanes) < MEMO
        if not (numbers or shared):
            return
        case = make_case(look, seen)
        for number in numbers:
            self.judge.note(number, look, case, self.partial.findings, self.partial.links)
        if shared:
            opened = lane_for(look, case, numbers, self.judge, self.partial.findings)
            if opened is not None:
                self.lanes[lane_key] = opened

    def note_deprecated(self, event: Event, key: int) -> None:
        """Count a request to a deprecated API; the server says so in an annotation."""
        ref = event.objectRef or _NO_REF
        api = clip(f"{ref.apiGroup or 'core'}/{ref.apiVersion}/{ref.resource}") or ""
        deprecated = self.partial.deprecated
        if api in deprecated or len(deprecated) < APIS:
            deprecated.setdefault(api, set()).add(key)

    def note_duration(self, event: Event, key: int) -> None:
        """Count a request that took longer than `SLOW` from receipt to answer."""
        received, ended = parse_moment(event.requestReceivedTimestamp), parse_moment(event.stageTimestamp)
        if received is None or ended is None or ended - received < SLOW:
            return
        slow, seconds = self.partial.slow, (ended - received) / 1_000_000
        slow.keys.add(key)
        user = event.user.username if event.user else None
        what = Slow(seconds, clip(event.verb), clip(event.requestURI), clip(user), event.requestReceivedTimestamp)
        slow.slowest = slowest([*slow.slowest, (key, what)])

    def reject(self, rejected: Rejected) -> None:
        """Count a record that is no event, and keep where the first of each kind stand."""
        facts = self.facts
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

    def place_context(self, context: Context) -> Context:
        """The context of events whose wrapper does not name a cluster names the one that the user gave."""
        if context.cluster or not self.cluster:
            return context
        return msgspec.structs.replace(context, cluster=self.cluster)

    def count_context(self, context: Context | None, events: int) -> None:
        """Count the events that came in one wrapper."""
        if context is not None and events:
            self.partial.contexts[context] += events
            self.facts.formats[context.format] += events
            self.facts.decoded += events

    def encode_rows(self) -> bytes:
        """The signatures in order of their numbers, the judged and those that the user's filter left out."""
        members = array("I", bytes(24 * self.signs))
        for judged, rows in enumerate(self.rows):
            for sign, row in rows.items():
                at = 6 * (row >> 1)
                members[at : at + 6] = array("I", (*sign, judged))
        return members.tobytes()

    def finish(self) -> Partial:
        """Fold the columns of the part into its sums."""
        partial, facts = self.partial, self.facts
        for clock in self.clocks.values():
            self.flush_clock(clock)
        table = Table(
            tuple(self.operation_rows),
            tuple(self.user_rows),
            tuple(self.agent_rows),
            tuple(self.peer_rows),
            self.encode_rows(),
        )
        numbers: Counter[int] = Counter()
        for stage in self.columns:
            for _, column in stage:
                numbers.update(column)
        facts.filtered = fold(table, numbers, partial.activity)
        facts.records = facts.decoded + facts.rejected.total()
        facts.columns = Columns(
            tuple(encode_partition(pieces) for pieces in zip(*self.columns, strict=True)),
            msgspec.msgpack.encode(table),
        )
        partial.parts[self.place.part] = facts
        return partial
