"""A rule as data: what Sigma says, what kwho adds, and the syntax tree it compiles to. Travels as msgpack."""

from typing import Literal

import msgspec

from kwho.query.ast import Node
from kwho.schema.finding import SEVERITIES, Severity


class Needs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the log must record for a rule to be able to fire; empty members ask for nothing.

    `level` is the least audit level; `stage` a stage that must be kept (ResponseStarted for a 401);
    `fields` are event fields that must be present (`requestObject`, `annotations`, `user.groups` …);
    `verbs`, `resources` (`resource`, `resource/subresource`, or `group/resource`) say where the rule looks.
    """

    level: Literal["Metadata", "Request", "RequestResponse"] = "Metadata"
    stage: str | None = None
    fields: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule and a correlation say of themselves in the same words."""

    id: str
    name: str | None = None
    title: str
    level: Severity
    status: str = "experimental"
    description: str = ""
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    detections: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    needs: Needs = Needs()
    path: str = ""


class Rule(Described, frozen=True, kw_only=True, tag_field="kind", tag="rule"):
    """One Sigma rule, judged on one request at a time."""

    condition: Node
    silent: bool = False
    """True when the rule only feeds correlations (referenced by one that does not say `generate: true`)."""
    state: str | None = None
    """The view of the world (`detect.stateful`) that tells the fields `state.…` of the condition."""


Kind = Literal["event_count", "value_count", "temporal", "temporal_ordered", "new_value", "returning_value", "trail"]
Fact = Literal[
    "silence",
    "orphans",
    "reused_id",
    "moved_token",
    "strayed_token",
    "shared_credential",
    "lowered_level",
    "clock_leapt",
]


class Correlation(Described, frozen=True, kw_only=True, tag_field="kind", tag="correlation"):
    """One correlation over the matches of other rules, in event time; the last three types are kwho's own."""

    type: Kind
    rules: tuple[str, ...]
    """Ids of the rules whose matches are counted or put in order; none for `trail`."""
    group_by: tuple[str, ...] = ()
    timespan: int
    """Microseconds: length of the window, learning period of `new_value`, absence of `returning_value`."""
    op: Literal["gt", "gte", "lt", "lte", "eq"] = "gte"
    threshold: int = 1
    value_field: str | None = None
    """For `value_count`: the field whose distinct values are counted."""
    combination: tuple[str, ...] = ()
    """For `new_value` and `returning_value`: the fields whose values together are new, or are back."""
    every: bool = False
    """For counts: True when each of the rules must have matched within the window."""
    at_least: int = 0
    """For `temporal`: how many of the rules must have matched within the window; 0 is all."""
    fact: Fact | None = None
    """For `trail`: what of the log itself is told."""
    aliases: dict[str, dict[str, str]] = {}
    """Per group-by alias: rule id to the field of that rule."""


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What is known to be harmless: matches that still become findings, marked, counted, and left out of the answer."""

    id: str
    name: str | None = None
    title: str
    description: str = ""
    owner: str
    reason: str
    rules: tuple[str, ...]
    """Ids of the rules and correlations whose matches it leaves out."""
    condition: Node
    """What holds of an event that is left out; every text is compared with case."""
    expires: int | None = None
    """Microseconds since 1970; it applies to events before that moment. None: as long as it stands."""
    path: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A rule that was not loaded: broken, or it can never match a native audit event.

    `kind` is None when not even that could be read.
    """

    id: str
    title: str
    path: str
    reason: str
    kind: Literal["rule", "correlation", "exclusion"] | None = None


class RuleSet(msgspec.Struct, frozen=True):
    """Everything that was loaded, and everything that was refused, each in order of id."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    refused: tuple[Refused, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()


def level_of(stated: object) -> Severity:
    """The severity that the level of a rule states; `medium` when it states none."""
    return next((severity for severity in SEVERITIES if severity == stated), "medium")
