"""Sigma correlations: read one by one, then their references resolved over the whole set."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule

from kwho.detect.condition import FAULTS, POLICY
from kwho.detect.described import described
from kwho.detect.document import Document
from kwho.detect.extension import Override, read_extension
from kwho.detect.needs import join_needs
from kwho.detect.own import EVERY, OWN, SIGMA, as_sigma, read_extra
from kwho.detect.rule import Correlation, Kind, Needs, Refused, Rule, RuleSet
from kwho.errors import InvalidQueryError, InvalidRuleError
from kwho.fields import find

TYPES: Final[tuple[Kind, ...]] = (*SIGMA, *OWN)
_OPERATORS: Final[dict[str, Literal["gt", "gte", "lt", "lte", "eq"]]] = {
    "GT": "gt",
    "GTE": "gte",
    "LT": "lt",
    "LTE": "lte",
    "EQ": "eq",
}
_KEYS: Final = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate", EVERY)
_LONGEST: Final = 31 * 86_400
"""Seconds of the longest timespan."""


class Draft(NamedTuple):
    """A correlation whose references are still as written; `generate` keeps its rules' own findings."""

    document: Document
    correlation: Correlation
    override: Override
    generate: bool


def read_correlation(document: Document) -> Draft:
    """One correlation, its references unresolved; raises InvalidRuleError."""
    parsed = _parse(document)
    extension = read_extension(document)
    raw = document.data["correlation"]
    kind = _kind(document, str(raw.get("type")).lower())
    extra = read_extra(document, raw, kind)
    condition = _condition(document, parsed, kind)
    aliases = _aliases(document, parsed)
    correlation = Correlation(
        **described(document, parsed, extension),
        type=kind,
        rules=tuple(reference.reference for reference in parsed.rules or ()),
        group_by=tuple(
            name if name in aliases else _field(document, name, "group-by") for name in parsed.group_by or ()
        ),
        timespan=_timespan(document, parsed),
        op=_OPERATORS[condition.op.name],
        threshold=int(condition.count),
        value_field=_field(document, str(condition.fieldref), "condition") if condition.fieldref else None,
        combination=extra.combination,
        every=extra.every,
        at_least=extra.at_least,
        fact=extra.fact,
        aliases=aliases,
    )
    return Draft(document, correlation, extension.needs, bool(parsed.generate))


def resolve(rules: Mapping[str, Rule], drafts: Mapping[str, Draft], refused: Sequence[Refused]) -> RuleSet:
    """The rule set: references resolved by id or name, feeding rules silent, everything in order of id."""
    known = {**{rule.name: rule for rule in rules.values() if rule.name}, **rules}
    correlations: list[Correlation] = []
    lost = list(refused)
    silent: set[str] = set()
    loud: set[str] = set()
    for draft in drafts.values():
        try:
            correlation = _resolved(draft, known, drafts, refused)
        except InvalidRuleError as error:
            written = draft.correlation
            lost.append(Refused(written.id, written.title, written.path, str(error), "correlation"))
            continue
        correlations.append(correlation)
        (loud if draft.generate else silent).update(correlation.rules)
    judged = [
        msgspec.structs.replace(rule, silent=rule.id in silent - loud) if rule.id in silent else rule
        for rule in rules.values()
    ]
    return RuleSet(
        rules=tuple(sorted(judged, key=lambda rule: rule.id)),
        correlations=tuple(sorted(correlations, key=lambda rule: rule.id)),
        refused=tuple(sorted(lost, key=lambda entry: (entry.id, entry.path, entry.reason))),
    )


def _resolved(
    draft: Draft, known: Mapping[str, Rule], drafts: Mapping[str, Draft], refused: Sequence[Refused]
) -> Correlation:
    written = draft.correlation
    found = [_rule(draft, reference, known, drafts, refused) for reference in written.rules]
    settled = [rule.title for rule in found if rule.state is not None]
    if settled:
        reason = f'refers to "{settled[0]}", which asks of the state and is settled too late to feed another'
        raise _refuse(draft.document, reason, "rules")
    ids = tuple(dict.fromkeys(rule.id for rule in found))
    aliases: dict[str, dict[str, str]] = {}
    for alias, mapping in written.aliases.items():
        by_id = {_rule(draft, name, known, drafts, refused).id: field for name, field in mapping.items()}
        missing = [rule.title for rule in found if rule.id not in by_id]
        if alias in written.group_by and missing:
            raise _refuse(draft.document, f'alias "{alias}" names no field of rule "{missing[0]}"', "aliases")
        aliases[alias] = by_id
    all_of = written.every or (written.type.startswith("temporal") and not written.at_least)
    needs = join_needs([rule.needs for rule in found], all_of=all_of)
    for name in (written.value_field, *written.combination):
        if name is None:
            continue
        counted = find(name)
        needs = msgspec.structs.replace(needs, fields=tuple(sorted({*needs.fields, *counted.needs})))
        needs = join_needs([needs, Needs(level=counted.level, stage=needs.stage)], all_of=True)
    return msgspec.structs.replace(written, rules=ids, aliases=aliases, needs=draft.override.apply(needs))


def _rule(
    draft: Draft, reference: str, known: Mapping[str, Rule], drafts: Mapping[str, Draft], refused: Sequence[Refused]
) -> Rule:
    rule = known.get(reference) or known.get(reference.lower())
    if rule is not None:
        return rule
    chained = any(reference in (other.correlation.id, other.correlation.name) for other in drafts.values())
    broken = any(reference == entry.id for entry in refused)
    why = "is a correlation; refer to rules" if chained else "was refused" if broken else "is not among the rules"
    raise _refuse(draft.document, f'refers to "{reference}", which {why}', "rules")


def _parse(document: Document) -> SigmaCorrelationRule:
    raw = document.data["correlation"]
    document.require("id", "title")
    if not isinstance(raw, dict):
        raise document.refuse("correlation: is a mapping (type, rules, timespan …)", "correlation")
    sigma = as_sigma(document, raw)
    unknown = [key for key in sigma if key not in _KEYS]
    if unknown:
        raise _refuse(document, f'unknown key "{unknown[0]}"; known are {", ".join(_KEYS)}', str(unknown[0]))
    try:
        return SigmaCorrelationRule.from_dict({**document.data, "correlation": sigma}, policy=POLICY)
    except FAULTS as fault:
        raise document.refuse(f"no valid Sigma correlation: {fault}", "correlation") from None


def _kind(document: Document, name: str) -> Kind:
    found = next((kind for kind in TYPES if kind == name), None)
    if found is None:
        raise _refuse(document, f'correlation type "{name}" is not supported; known are {", ".join(TYPES)}', "type")
    return found


def _condition(document: Document, parsed: Any, kind: str) -> SigmaCorrelationCondition:
    condition = parsed.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise _refuse(document, "a condition in words is not supported; all listed rules are required", "condition")
    if condition.op.name not in _OPERATORS or condition.percentile is not None:
        raise _refuse(document, f"the condition knows {', '.join(_OPERATORS.values())} and nothing else", "condition")
    if condition.count != int(condition.count) or condition.count < 0 or isinstance(condition.fieldref, list):
        raise _refuse(document, "the condition counts one field against a whole number", "condition")
    if not parsed.rules and kind != "trail":
        raise _refuse(document, "the correlation names no rules", "rules")
    if kind == "event_count" and condition.fieldref:
        raise _refuse(document, "event_count counts requests; use value_count to count values of a field", "condition")
    return condition


def _aliases(document: Document, parsed: Any) -> dict[str, dict[str, str]]:
    return {
        alias.alias: {rule.reference: _field(document, str(field), "aliases") for rule, field in alias.mapping.items()}
        for alias in parsed.aliases
    }


def _timespan(document: Document, parsed: Any) -> int:
    seconds = int(parsed.timespan.seconds)
    if seconds > _LONGEST:
        raise _refuse(document, f"a timespan is at most {_LONGEST // 86_400} days", "timespan")
    return seconds * 1_000_000


def _field(document: Document, name: str, key: str) -> str:
    try:
        return find(name).name
    except InvalidQueryError as error:
        raise _refuse(document, str(error), key) from None


def _refuse(document: Document, reason: str, key: str) -> InvalidRuleError:
    return document.refuse(reason, "correlation", key)
