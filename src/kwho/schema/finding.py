"""What a detector claims, with its proof. The field names are the JSON contract of `kwho scan --format jsonl`."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal, overload

import msgspec

Severity = Literal["informational", "low", "medium", "high", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = ("informational", "low", "medium", "high", "critical")

Outcome = Literal["success", "unauthenticated", "forbidden", "rejected", "failed", "dry_run", "open", "unknown"]
PrincipalKind = Literal["anonymous", "service_account", "node", "system", "human"]


class RuleRef(msgspec.Struct, frozen=True):
    """The rule behind a finding; `detections` are row ids of the detection catalog, such as `E01`."""

    id: str
    title: str
    level: Severity
    tags: tuple[str, ...] = ()
    detections: tuple[str, ...] = ()


class Span(msgspec.Struct, frozen=True):
    """First and last moment, RFC 3339 in UTC; None when no event had a believable time."""

    first: str | None
    last: str | None


class Impersonated(msgspec.Struct, frozen=True):
    """The identity whose rights were used, when the caller impersonated one."""

    user: str | None
    groups: tuple[str, ...] = ()


class Principal(msgspec.Struct, frozen=True):
    """Who did it: the authenticated caller, never the impersonated identity."""

    user: str | None
    kind: PrincipalKind
    impersonated: Impersonated | None = None
    groups: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True):
    """Where it came from: `ip` is the direct peer; `claimed` addresses and the agent are the client's own words."""

    ip: str | None
    claimed: tuple[str, ...] = ()
    user_agent: str | None = None


class Target(msgspec.Struct, frozen=True):
    """What it was done to; a member that differs within the finding is None."""

    group: str | None = None
    resource: str | None = None
    subresource: str | None = None
    namespace: str | None = None
    name: str | None = None
    uri: str | None = None


@overload
def encodable(text: str) -> str: ...
@overload
def encodable(text: str | None) -> str | None: ...
def encodable(text: str | None) -> str | None:
    """The text with each lone surrogate spelled out, so that it is valid in UTF-8; None stays None."""
    return text if text is None or text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


class Citation(msgspec.Struct, frozen=True):
    """One event that proves a claim: `line` is 1-based in the decompressed file, `offset` in decompressed bytes.

    Its texts are encodable, as whoever makes it sees to: there are too many to look at each of them again.
    """

    audit_id: str | None
    stage: str | None
    file: str
    line: int
    offset: int
    index: int


Cite = Callable[[Sequence[int]], list[Citation]]
"""Makes the citations of some rows, one for each."""
Write = Callable[[Sequence[int]], bytes | None]
"""Writes the same as a JSON list; None when it cannot."""


class Cited(Sequence[Citation]):
    """Citations that are made when they are asked for: a scan may cite millions of events, and shows a few.

    It is equal to the tuple of them, which is what a slice, a copy or a pickle of it is; encoders take it by `plain`,
    those that write JSON by `written`.
    """

    __slots__ = ("_cite", "_rows", "_write")

    def __init__(self, rows: Sequence[int], cite: Cite, write: Write = lambda _: None) -> None:
        self._rows = rows
        self._cite = cite
        self._write = write

    def json(self) -> bytes:
        """What they are as a JSON list."""
        return self._write(self._rows) or msgspec.json.encode(tuple(self))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Citation: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Citation, ...]: ...

    def __getitem__(self, at: int | slice) -> Citation | tuple[Citation, ...]:
        if isinstance(at, slice):
            return tuple(self._cite(self._rows[at]))
        return self._cite((self._rows[at],))[0]

    def __iter__(self) -> Iterator[Citation]:
        return iter(self._cite(self._rows))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, Cited) else other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[tuple[Citation, ...]], tuple[tuple[Citation, ...]]]:
        return tuple, (tuple(self),)


if TYPE_CHECKING:
    Citations = Sequence[Citation]
else:
    Citations = tuple[Citation, ...]
    """`Cited`, or what a decoder makes of it: no list, so that findings stay equal and can be hashed."""


def written(value: object) -> object:
    """`Cited` as JSON; the hook of an encoder to JSON that has many findings."""
    return msgspec.Raw(value.json()) if isinstance(value, Cited) else plain(value)


def plain(value: object) -> object:
    """`Cited` as what encoders know; the hook of every encoder of findings."""
    if isinstance(value, Cited):
        return tuple(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


class Evidence(msgspec.Struct, frozen=True):
    """The clause of the rule that matched, the event field it looked at, and what it found there."""

    clause: str
    field: str
    value: str | int | bool | tuple[str | int | bool | None, ...] | None


class Finding(msgspec.Struct, frozen=True, tag_field="type", tag="finding", kw_only=True):
    """One claim by one rule about one principal, with every event that proves it (up to 1,000 cited)."""

    schema_version: int = 1
    id: str
    detector: Literal["rule", "correlation"]
    rule: RuleRef
    title: str
    severity: Severity
    cluster: str | None
    time: Span
    principal: Principal
    source: Source
    target: Target
    outcome: Outcome | None
    count: int
    events: Citations
    events_total: int
    evidence: tuple[Evidence, ...]
    reasons: tuple[str, ...] = ()
    excluded: str | msgspec.UnsetType = msgspec.UNSET
    """The id of the exclusion that leaves it out of the answer; absent from all others."""
