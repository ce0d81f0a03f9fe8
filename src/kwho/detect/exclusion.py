"""Exclusions: what is known to be harmless, as Sigma filters with an owner, a reason and, if wanted, an end.

A filter's condition says what stays (`not known`), so what is left out is its opposite. Texts are compared with case,
because `SYSTEM:eve` is somebody else.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import msgspec
from sigma.rule import SigmaDetections

from kwho.detect.condition import FAULTS, POLICY, read_condition
from kwho.detect.document import Document
from kwho.detect.extension import Tests, check_examples, convert
from kwho.detect.narrow import too_broad
from kwho.detect.rule import Correlation, Exclusion, Refused, Rule, RuleSet
from kwho.errors import InvalidRuleError
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.schema.moment import parse_moment

_OWN: Final = ("rules", "condition")
"""Keys of a filter that are no selections."""
_AS_ITSELF: Final = Term("impersonation", "equals", (False,))
"""Who acts as somebody else is left out only by an exclusion that speaks of it."""
_TEXTUAL: Final = ("equals", "contains", "startswith", "endswith", "fieldref")


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands under `kwho:` of an exclusion."""

    owner: str
    reason: str
    expires: Any = None
    tests: Tests = Tests()


class ExclusionDraft(NamedTuple):
    """An exclusion whose rules are still as written: ids, names, titles, or rows of the detection catalog."""

    document: Document
    exclusion: Exclusion


def read_exclusion(document: Document) -> ExclusionDraft:
    """One exclusion, its rules unresolved; raises InvalidRuleError when it is broken or too broad."""
    document.require("id", "title")
    terms = read_terms(document)
    section = document.data["filter"]
    if not isinstance(section, dict):
        raise document.refuse("filter: is a mapping (rules, selections, condition)", "filter")
    condition = _condition(document, section)
    broad = too_broad(condition)
    if broad is not None:
        raise document.refuse(f"the exclusion is too broad: {broad}", "filter")
    data = document.data
    return ExclusionDraft(
        document,
        Exclusion(
            id=str(data["id"]).lower(),
            name=data["name"] if isinstance(data.get("name"), str) else None,
            title=str(data["title"]),
            description=str(data.get("description") or "").strip(),
            owner=terms.owner.strip(),
            reason=" ".join(terms.reason.split()),
            rules=_references(document, section.get("rules")),
            condition=condition,
            expires=_moment(document, terms.expires),
            path=document.path,
        ),
    )


def read_terms(document: Document) -> Terms:
    """Owner, reason, end and examples of an exclusion; raises InvalidRuleError when owner or reason is missing."""
    raw = document.data.get("kwho")
    if raw is None:
        raise document.refuse("an exclusion says under kwho: its owner and its reason", "kwho")
    terms = convert(document, raw, Terms, "kwho")
    for name in ("owner", "reason"):
        if not getattr(terms, name).strip():
            raise document.refuse(f"the exclusion has no {name}", "kwho", name)
    check_examples(document, terms.tests)
    return terms


def resolve_exclusions(rules: RuleSet, drafts: Iterable[ExclusionDraft]) -> RuleSet:
    """The rule set with these exclusions beside those it has; one that names an unknown rule is refused."""
    known = _known((*rules.rules, *rules.correlations))
    found = {exclusion.id: exclusion for exclusion in rules.exclusions}
    refused = list(rules.refused)
    for document, exclusion in drafts:
        try:
            ids = [identity for written in exclusion.rules for identity in _named(document, written, known)]
            if exclusion.id in found:
                raise document.refuse(f'the id is already used by "{found[exclusion.id].title}"', "id")
            found[exclusion.id] = msgspec.structs.replace(exclusion, rules=tuple(sorted(set(ids))))
        except InvalidRuleError as error:
            refused.append(Refused(exclusion.id, exclusion.title, exclusion.path, str(error), "exclusion"))
    return msgspec.structs.replace(
        rules,
        refused=tuple(sorted(refused, key=lambda entry: (entry.id, entry.path, entry.reason))),
        exclusions=tuple(found[identity] for identity in sorted(found)),
    )


def _known(entries: Iterable[Rule | Correlation]) -> dict[str, list[str]]:
    """Ids of rules by what a person may call them."""
    known: dict[str, list[str]] = {}
    for entry in entries:
        for label in {entry.id, entry.name, entry.title, *entry.detections}:
            if label:
                known.setdefault(label.casefold(), []).append(entry.id)
    return known


def _named(document: Document, written: str, known: Mapping[str, list[str]]) -> list[str]:
    ids = known.get(written.casefold())
    if ids is None:
        reason = f'"{written}" is no rule: no id, name, title or row of the catalog that is loaded'
        raise document.refuse(reason, "filter", "rules")
    return ids


def _references(document: Document, written: object) -> tuple[str, ...]:
    texts = [written] if isinstance(written, str) else written
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise document.refuse("filter.rules: is a list of rules (ids, names, titles or rows)", "filter", "rules")
    if any(text.casefold() == "any" for text in texts):
        raise document.refuse("filter.rules: any would hide what nobody thought of; name the rules", "filter", "rules")
    return tuple(texts)


def _condition(document: Document, section: Mapping[str, Any]) -> Node:
    """What holds of an event that is left out."""
    selections = {key: value for key, value in section.items() if key not in _OWN}
    if not isinstance(section.get("condition"), str) or not selections:
        raise document.refuse("the filter has selections and one condition, such as: not known", "filter")
    inner = _as_rule(document, {**selections, "condition": section["condition"]})
    try:
        parsed = SigmaDetections.from_dict(inner.data["detection"], policy=POLICY)
    except FAULTS as fault:
        raise document.refuse(f"no valid Sigma filter: {fault}", "filter") from None
    stays = read_condition(inner, parsed)
    left_out = _opposite(stays)
    if left_out is None:
        raise document.refuse(
            "the condition says what stays, as in every Sigma filter: write not known, or not (who and what)",
            "filter",
            "condition",
        )
    own = _cased(left_out)
    return own if any(_is_about_impersonation(name) for name in _fields(own)) else And((own, _AS_ITSELF))


def _as_rule(document: Document, detection: dict[str, Any]) -> Document:
    """The filter as the detection of a rule, with the lines of the filter."""
    lines = {
        ("detection", *steps[1:]) if steps[:1] == ("filter",) else steps: line for steps, line in document.lines.items()
    }
    return Document(document.path, {**document.data, "detection": detection}, lines)


def _opposite(node: Node) -> Node | None:
    """What a negation negates, through and and or; None when something is not negated."""
    if isinstance(node, Not):
        return node.node
    if isinstance(node, Term):
        return None
    parts = [_opposite(part) for part in node.nodes]
    known = tuple(part for part in parts if part is not None)
    if len(known) < len(parts):
        return None
    return Or(known) if isinstance(node, And) else And(known)


def _fields(node: Node) -> Iterator[str]:
    if isinstance(node, Not):
        yield from _fields(node.node)
    elif isinstance(node, Term):
        yield node.field or ""
    else:
        for part in node.nodes:
            yield from _fields(part)


def _is_about_impersonation(name: str) -> bool:
    return name.startswith(("impersonat", "effective."))


def _cased(node: Node) -> Node:
    if isinstance(node, Not):
        return Not(_cased(node.node))
    if isinstance(node, Term):
        return msgspec.structs.replace(node, cased=True) if node.op in _TEXTUAL else node
    parts = tuple(map(_cased, node.nodes))
    return And(parts) if isinstance(node, And) else Or(parts)


def _moment(document: Document, written: object) -> int | None:
    """The moment that a date (its first instant in UTC) or a time stands for."""
    if written is None:
        return None
    if isinstance(written, datetime):
        text = (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    elif isinstance(written, date):
        text = f"{written.isoformat()}T00:00:00Z"
    else:
        text = str(written)
    moment = parse_moment(text)
    if moment is None:
        raise document.refuse(
            f'kwho.expires: "{written}" is no time; write 2026-12-31 or 2026-12-31T18:00:00Z', "kwho", "expires"
        )
    return moment
