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


class Rule(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="rule"):
    """One Sigma rule, judged on one request at a time."""

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
    condition: Node
    silent: bool = False
    """True when the rule only feeds correlations (referenced by one that does not say `generate: true`)."""
    path: str = ""


class Correlation(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="correlation"):
    """One Sigma correlation over the matches of other rules, in event time."""

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
    type: Literal["event_count", "value_count", "temporal", "temporal_ordered"]
    rules: tuple[str, ...]
    """Ids of the rules whose matches are counted or put in order."""
    group_by: tuple[str, ...] = ()
    timespan: int
    """Length of the window in microseconds."""
    op: Literal["gt", "gte", "lt", "lte", "eq"] = "gte"
    threshold: int = 1
    value_field: str | None = None
    """For `value_count`: the field whose distinct values are counted."""
    aliases: dict[str, dict[str, str]] = {}
    """Per group-by alias: rule id to the field of that rule."""
    path: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A rule that was not loaded: broken, or it can never match a native audit event."""

    id: str
    title: str
    path: str
    reason: str


class RuleSet(msgspec.Struct, frozen=True):
    """Everything that was loaded, and everything that was refused, each in order of id."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    refused: tuple[Refused, ...] = ()


def level_of(stated: object) -> Severity:
    """The severity that the level of a rule states; `medium` when it states none."""
    return next((severity for severity in SEVERITIES if severity == stated), "medium")
