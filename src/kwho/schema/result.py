"""The answer of one scan: findings, the ledger, the health of the rules, and the statistics a person reads."""

import msgspec

from kwho.schema.finding import Finding, Span
from kwho.schema.incident import Incident
from kwho.schema.ledger import Counts, FileReport, Gap, Problem


class Blind(msgspec.Struct, frozen=True):
    """A rule that cannot fire on this log: what it needs, what the evidence is, and the policy that would supply it."""

    rule: str
    needs: str
    policy: str
    evidence: str = ""


class RuleHealth(msgspec.Struct):
    """How many of the loaded rules are active, blind, unknown, invalid; the four sum to the rules loaded."""

    active: int = 0
    blind: int = 0
    unknown: int = 0
    invalid: int = 0


class Hidden(msgspec.Struct, frozen=True):
    """How many findings one exclusion left out, and why it stands."""

    id: str
    title: str
    owner: str
    reason: str
    findings: int


class Excluded(msgspec.Struct):
    """Findings left out by exclusions, and by which."""

    findings: int = 0
    by: tuple[Hidden, ...] = ()


class Talker(msgspec.Struct, frozen=True):
    """One name and how many events bear it."""

    name: str | None
    events: int


class Activity(msgspec.Struct, frozen=True):
    """Events of one UTC hour by outcome (`success`, `refused`, `failed`, `other`)."""

    hour: str
    outcomes: dict[str, int]


class Slow(msgspec.Struct, frozen=True):
    """A request that took long: duration in seconds between receipt and response."""

    seconds: float
    verb: str | None
    uri: str | None
    user: str | None
    time: str | None


class Statistics(msgspec.Struct, kw_only=True):
    """Counts a person digests; lists are ordered by count, then name, and capped; `distinct` holds true sizes."""

    users: tuple[Talker, ...] = ()
    agents: tuple[Talker, ...] = ()
    peers: tuple[Talker, ...] = ()
    resources: tuple[Talker, ...] = ()
    verbs: tuple[Talker, ...] = ()
    outcomes: tuple[Talker, ...] = ()
    levels: tuple[Talker, ...] = ()
    distinct: dict[str, int] = {}
    activity: tuple[Activity, ...] = ()
    slow: int = 0
    slowest: tuple[Slow, ...] = ()
    throttled: int = 0
    throttled_resources: tuple[Talker, ...] = ()
    deprecated: int = 0
    deprecated_apis: tuple[Talker, ...] = ()
    orphans: int = 0
    """Requests seen only at RequestReceived: no later stage in this log."""
    unknown_time: int = 0
    assumed: dict[str, int] = {}
    """Per field: events in which it was missing and a value was taken for granted."""
    damaged: dict[str, int] = {}
    """Per field: events that were kept although this field could not be decoded."""
    reasons: dict[str, int] = {}
    """Rejected records by kind and reason, such as `filtered: klog`."""
    policy: tuple[str, ...] = ()
    """The audit policy as far as the log shows it, one sentence per group of resources."""


class Result(msgspec.Struct, kw_only=True):
    """Everything one scan tells. `problems` is capped; the ledger is exact."""

    complete: bool = True
    findings: tuple[Finding, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """The findings that belong together, the gravest first."""
    input: Counts
    files: tuple[FileReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    span: Span
    gaps: tuple[Gap, ...] = ()
    instances: tuple[str | None, ...] = ()
    """The API servers as wrappers name them, else by their family of files; None for one that only a stream tells."""
    clusters: tuple[str | None, ...] = ()
    formats: tuple[str, ...] = ()
    rules: RuleHealth
    blind: tuple[Blind, ...] = ()
    partly_blind: tuple[Blind, ...] = ()
    """What active rules cannot see: some of their resources, or of the rules a correlation is made of."""
    unknown: tuple[str, ...] = ()
    excluded: Excluded = msgspec.field(default_factory=Excluded)
    left_out: tuple[Finding, ...] = ()
    """The findings that exclusions left out of `findings`, each marked with its exclusion."""
    statistics: Statistics
    notes: tuple[str, ...] = ()
    """Sentences about what the scan could not know or had to bound."""
    versions: dict[str, str] = {}
