"""Sigma documents to a rule set: what is loaded, and what is refused with the line and the reason."""

import re
from collections.abc import Iterable
from typing import Final, Literal

from sigma.rule import SigmaRule

from kwho.detect.condition import FAULTS, POLICY, read_condition
from kwho.detect.correlation import Draft, read_correlation, resolve
from kwho.detect.described import described
from kwho.detect.document import Document, Step, read_documents
from kwho.detect.exclusion import ExclusionDraft, read_exclusion, resolve_exclusions
from kwho.detect.extension import read_extension
from kwho.detect.needs import derive_needs
from kwho.detect.question import check_question
from kwho.detect.rule import Refused, Rule, RuleSet
from kwho.detect.vocabulary import can_match, impossible_terms
from kwho.errors import InvalidQueryError, InvalidRuleError
from kwho.fields import find
from kwho.query.ast import Term

_TYPED: Final = re.compile(r"Modifier Sigma(\w+)Modifier incompatible to value type of '(.*)'")
_KINDS: Final[dict[str, Literal["correlation", "exclusion"]]] = {"correlation": "correlation", "filter": "exclusion"}
_KEYS: Final = {"identifier": "id", "condition": "detection", "detections": "detection"}
"""Words of pySigma's complaints for the key that they are about."""


def load_rules(sources: Iterable[tuple[str, str]]) -> RuleSet:
    """The rules, correlations and exclusions of all files (path, text); what is not loaded is refused, none is dropped.

    Each document is read alone, so one broken rule leaves the others. References are resolved over the whole set, by id
    or name. A rule that only feeds correlations is marked silent.
    """
    rules: dict[str, Rule] = {}
    drafts: dict[str, Draft] = {}
    exclusions: list[ExclusionDraft] = []
    refused: list[Refused] = []
    for path, text in sources:
        for document in read_documents(path, text):
            if isinstance(document, InvalidRuleError):
                refused.append(Refused(id="", title="", path=path, reason=str(document)))
                continue
            try:
                if "filter" in document.data:
                    exclusions.append(read_exclusion(document))
                else:
                    _load(document, rules, drafts)
            except InvalidRuleError as error:
                refused.append(refusal(document, error))
    return resolve_exclusions(resolve(rules, drafts, refused), exclusions)


def _load(document: Document, rules: dict[str, Rule], drafts: dict[str, Draft]) -> None:
    if "correlation" in document.data:
        draft = read_correlation(document)
        _check_new(document, draft.correlation.id, rules, drafts)
        drafts[draft.correlation.id] = draft
    else:
        rule = read_rule(document)
        _check_new(document, rule.id, rules, drafts)
        rules[rule.id] = rule


def _check_new(document: Document, identity: str, rules: dict[str, Rule], drafts: dict[str, Draft]) -> None:
    earlier = rules.get(identity) or (drafts[identity].correlation if identity in drafts else None)
    if earlier is not None:
        raise document.refuse(f'the id is already used by {earlier.path} ("{earlier.title}")', "id")


def refusal(document: Document, error: InvalidRuleError) -> Refused:
    """The entry of a document that was not loaded."""
    identity, title = (document.data.get(key) for key in ("id", "title"))
    return Refused(
        id=identity if isinstance(identity, str) else "",
        title=title if isinstance(title, str) else "",
        path=document.path,
        reason=str(error),
        kind=next((kind for key, kind in _KINDS.items() if key in document.data), "rule"),
    )


def read_rule(document: Document) -> Rule:
    """One rule; raises InvalidRuleError when it is broken or can never match a native audit event."""
    parsed = _parse(document)
    extension = read_extension(document)
    condition = read_condition(document, parsed.detection)
    if not can_match(condition):
        term, reason = next(impossible_terms(condition))
        raise document.refuse(f"can never match: {reason}", *term_steps(document, term))
    check_question(document, condition, extension.state)
    return Rule(
        **described(document, parsed, extension),
        needs=extension.needs.apply(derive_needs(condition)),
        condition=condition,
        state=extension.state,
    )


def _parse(document: Document) -> SigmaRule:
    data = document.data
    document.require("id", "title")
    source = data.get("logsource")
    if not isinstance(source, dict) or (source.get("product"), source.get("service")) != ("kubernetes", "audit"):
        raise document.refuse("logsource is not product: kubernetes, service: audit", "logsource")
    if not isinstance(data.get("detection"), dict):
        raise document.refuse("the rule has no detection", "detection")
    try:
        return SigmaRule.from_dict(data, policy=POLICY)
    except FAULTS as fault:
        raise _complaint(document, fault) from None


def _complaint(document: Document, fault: Exception) -> InvalidRuleError:
    """What pySigma complains about, with the line as far as its words tell."""
    typed = _TYPED.search(str(fault))
    if typed:
        modifier, value = typed[1].lower(), typed[2]
        used = (steps for steps in document.lines if steps and modifier in str(steps[-1]).split("|")[1:])
        reason = f'modifier "{modifier}" cannot take {value}; a number that is meant as text needs quotes'
        return document.refuse(reason, *next(used, ()))
    words = {_KEYS.get(word, word) for word in (part.strip(".,:'\"").lower() for part in str(fault).split())}
    blamed = next(((key,) for key in document.data if key in words or key.rstrip("s") in words), ())
    return document.refuse(f"no valid Sigma rule: {fault}", *blamed)


def term_steps(document: Document, term: Term) -> tuple[Step, ...]:
    """Where a term stands in the file: the first key of its selection that names its field."""
    for steps in document.lines:
        if steps[:2] == ("detection", term.clause) and len(steps) > 2 and _is_field(str(steps[-1]), term.field or ""):
            return steps
    return ("detection", term.clause)


def _is_field(key: str, field: str) -> bool:
    try:
        return find(key.split("|", maxsplit=1)[0]).name == field
    except InvalidQueryError:
        return False
