"""Takes wrappers off, one after the other, until an event or something else is left.

Strings inside JSON are looked into at most `STRINGS` times, wrappers at most `WRAPPERS` times; a string is tried as
JSON only when it begins with `{` or `[`. Every candidate gives exactly one record, whatever it turns out to be.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kwho.formats import (
    CONTEXT_NATIVE,
    NOTHING,
    Candidate,
    Facts,
    Inner,
    Piece,
    Refusal,
    Step,
    context_of,
    line_members,
    object_members,
    scan,
)
from kwho.formats.ladder import STRICT, has_body, is_complete, is_sound, read_event
from kwho.formats.tree import FAILURES, Tree, load, text_of
from kwho.schema.record import Record, Rejected

RECORD_CAP: Final = 16 << 20
"""Bytes of the longest record that is taken, of the innermost one: what is wrapped around it does not count."""
STRINGS: Final = 4
"""Levels of JSON inside a string that are followed."""
WRAPPERS: Final = 12
"""Wrappers inside wrappers that are followed."""

Found = Record | Rejected | Piece

_SEARCHED: Final = 1 << 20  # bytes in which the auditID of a record that is too long is looked for
_BLANKS: Final = b" \t\r\n"
_LEAD: Final = b" \t\r\n\xef\xbb\xbf"
_JSON: Final = (b"{", b"[")
_PLAIN: Final = re.compile(rb'-?\d[\d.eE+-]*+|true|false|null|"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TORN: Final = "cut off inside a JSON value"
_UNNAMED: Final = "audit event without verb and URI"


class Way(NamedTuple):
    """What was taken off so far: the facts it told, how many wrappers, how many strings."""

    facts: Facts = NOTHING
    wrappers: int = 0
    strings: int = 0

    def through(self, step: Inner) -> "Way":
        """The way on, into what `step` holds."""
        return Way(step.facts.within(self.facts), self.wrappers + 1, self.strings + step.unescaped)


START: Final = Way()


class Unwrapper:
    """Gives the records of one outer record: all stand on the same line, numbered by `index`."""

    def __init__(self, line: int, offset: int, cap: int = RECORD_CAP) -> None:
        self._cap = cap
        self.line = line
        self.offset = offset
        self.index = 0
        self._waiting = False

    def value(self, data: bytes, way: Way = START) -> Iterator[Found]:
        """The records in JSON or text, whole or torn; several JSON documents may stand one after the other."""
        head = data.lstrip(_LEAD)
        if way.wrappers > WRAPPERS or way.strings > STRINGS:
            yield self._reject(Refusal("wrapped too often", "malformed", data, way.facts))
        elif head[:1] not in _JSON:
            yield from self.text(head.rstrip(_BLANKS), way)
        elif (record := self.native(head, way.facts)) is not None:
            yield record
        elif (opened := load(head)) is not None:
            yield from self.document(opened, head, way)
        else:
            yield from self._several(head, way)

    def text(self, line: bytes, way: Way = START) -> Iterator[Found]:
        """The record behind the prefix of a line that does not begin like JSON."""
        for member in line_members():
            step = member.strip(line)
            if step is not None:
                yield from self._step(step, way)
                return
        yield self._reject(Refusal("text" if line else "empty", data=line, facts=way.facts))

    def document(self, opened: Tree | Iterable[bytes] | None, raw: bytes, way: Way = START) -> Iterator[Found]:
        """The records in one JSON object or list, as `load` gives it; one that holds none is a record itself."""
        self._waiting = False
        if opened is None:
            yield self.torn(raw, "malformed", way.facts)
        elif isinstance(opened, Tree):
            yield from self._object(opened, way)
        else:
            yield from self._list(opened, raw, way)
        if not self.index and not self._waiting:
            yield self._reject(Refusal("nothing inside", data=raw, facts=way.facts))

    def torn(self, data: bytes, verdict: scan.Verdict, facts: Facts = NOTHING) -> Rejected:
        """The record for a JSON value that never ends, or that can never become one."""
        if verdict in ("torn", "more"):
            return self._reject(Refusal(_TORN, "truncated", data, facts))
        reason = "nested too deeply" if verdict == "deep" else "not valid JSON"
        return self._reject(Refusal(reason, "malformed", data, facts))

    def trailing(self, data: bytes, facts: Facts = NOTHING) -> Rejected:
        """The record for text that stands after a JSON value on the same line."""
        return self._reject(Refusal("text after a JSON value", "malformed", data, facts))

    def beyond(self, data: bytes, facts: Facts = NOTHING) -> Rejected:
        """The record for one that is longer than a record may be; `data` is its beginning."""
        return self._reject(Refusal("beyond the record cap", "truncated", data[:_SEARCHED], facts))

    def _several(self, data: bytes, way: Way) -> Iterator[Found]:
        pos = 0
        while True:
            scanner = scan.Scanner(pos)
            verdict = scanner.scan(data, ended=True)
            if verdict != "done":
                yield self.torn(data[pos:], verdict, way.facts)
                return
            raw = data[pos : scanner.pos]
            yield from self.document(load(raw), raw, way)
            rest = data[scanner.pos :].lstrip(_BLANKS + b",")
            pos = len(data) - len(rest)
            if rest[:1] not in _JSON:
                break
        if rest:
            yield self.trailing(rest, way.facts)

    def native(self, data: bytes, facts: Facts = NOTHING) -> Record | None:
        """The short way for an event in the native shape."""
        try:
            event = STRICT.decode(data)
        except FAILURES:
            return None
        if not is_complete(event) or (has_body(event) and not is_sound(data)) or len(data) > self._cap:
            return None
        context = CONTEXT_NATIVE if facts is NOTHING else context_of(facts)
        return Record(event, context, data, self.line, self.offset, self._next())

    def _object(self, tree: Tree, way: Way) -> Iterator[Found]:
        for member in object_members():
            steps = member.open(tree)
            if steps is not None:
                yield from self._steps(steps, tree, way)
                return
        audit = tree.text("kind") == "Event" and (tree.text("apiVersion") or "").startswith("audit.k8s.io/")
        refusal = Refusal(_UNNAMED, "malformed") if audit else Refusal("other JSON")
        yield self._reject(refusal._replace(data=tree.raw, facts=way.facts))

    def _steps(self, steps: Iterable[Step], tree: Tree, way: Way) -> Iterator[Found]:
        """What a wrapper holds; the numbers, words and texts in its list of records together are one record."""
        other: Facts | None = None
        for step in steps:
            if isinstance(step, Inner) and not step.unescaped and _PLAIN.fullmatch(step.data):
                other = step.facts if step.data != b"null" else other
            else:
                yield from self._step(step, way)
        if other is not None:
            yield self._reject(Refusal("other JSON", data=tree.raw, facts=other.within(way.facts)))

    def _list(self, items: Iterable[bytes], raw: bytes, way: Way) -> Iterator[Found]:
        inside = way._replace(wrappers=way.wrappers + 1)
        other = False
        for item in items:
            if item[:1] in _JSON:
                yield from self.value(item, inside)
            elif item[:1] == b'"' and item[1:2] in _JSON and (content := text_of(item)) is not None:
                yield from self.value(content.encode(), inside._replace(strings=way.strings + 1))
            else:
                other = other or item != b"null"
        if other:
            yield self._reject(Refusal("other JSON", data=raw, facts=way.facts))

    def _step(self, step: Step, way: Way) -> Iterator[Found]:
        if isinstance(step, Inner):
            if step.data != b"null":  # stands where an element beyond the record cap was
                yield from self.value(step.data, way.through(step))
        elif isinstance(step, Candidate):
            yield self._candidate(step._replace(facts=step.facts.within(way.facts)))
        elif isinstance(step, Refusal):
            yield self._reject(step._replace(facts=step.facts.within(way.facts)))
        elif way.wrappers:
            yield from self.value(step.data, way.through(Inner(step.data, step.facts, True)))
        else:
            self._waiting = True
            yield step

    def _candidate(self, candidate: Candidate) -> Record | Rejected:
        if len(candidate.raw) > self._cap:
            return self.beyond(candidate.raw, candidate.facts)
        event, assumed, damaged, facts = read_event(candidate)
        if event is None:
            return self._reject(Refusal(_UNNAMED, "malformed", candidate.raw, facts))
        raw, index = candidate.raw, self._next()
        return Record(event, context_of(facts), raw, self.line, self.offset, index, assumed, damaged)

    def _reject(self, refusal: Refusal) -> Rejected:
        reason, kind, data, facts = refusal
        audit_id = None if kind == "filtered" else scan.find_audit_id(data)
        text = scan.excerpt(data)
        return Rejected(kind, reason, self.line, self.offset, self._next(), text, audit_id, facts.format)

    def _next(self) -> int:
        index = self.index
        self.index += 1
        return index
