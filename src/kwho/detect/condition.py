"""The detection section of a Sigma rule, parsed by pySigma, as a syntax tree of ours that cites its selections."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import re2
from pyparsing import ParseBaseException
from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.exceptions import SigmaError
from sigma.modifiers import SigmaCaseSensitiveModifier, reverse_modifier_mapping
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RE2RegexEngine
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections
from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

from kwho.detect.document import Document, Step
from kwho.errors import InvalidQueryError
from kwho.fields import find
from kwho.query.ast import And, Node, Not, Operator, Or, Scalar, Term
from kwho.query.fit import fit, spell
from kwho.query.pattern import Part, Wild, render_pattern

MODIFIERS: Final = (
    "contains", "startswith", "endswith", "all", "re", "i", "ignorecase", "m", "multiline", "s", "dotall",
    "cidr", "exists", "lt", "lte", "gt", "gte", "cased", "fieldref",
)  # fmt: skip
"""The Sigma modifiers that kwho understands."""

PARTIAL: Final = frozenset({"contains", "startswith", "endswith"})

LONGEST: Final = 4_096
"""Characters of one condition."""
DEEPEST: Final = 24
"""Parentheses and negations of one condition."""

FAULTS: Final = (
    SigmaError,
    ParseBaseException,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    NotImplementedError,
    RecursionError,
    re2.error,
)
"""What pySigma raises for a rule that is wrong: its own errors, and those of builtins fed with malformed values."""


class _Quiet(RE2RegexEngine):
    """RE2 that reports a bad pattern to the caller alone, not to the standard error stream."""

    def compile(self, pattern: str, flags: int = 0) -> Any:  # the type of the library
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not flags & re.IGNORECASE
        return re2.compile(pattern, options)


POLICY: Final = SigmaPolicy(regex_engine=_Quiet())


def read_condition(document: Document, detections: SigmaDetections) -> Node:
    """The condition of a rule; several conditions are alternatives. Raises InvalidRuleError with the line."""
    nodes: list[Node] = []
    texts: list[Any] = list(detections.condition)  # whatever the file holds
    for text in texts:
        if not isinstance(text, str) or len(text) > LONGEST or text.count("(") + text.count("not ") > DEEPEST:
            raise document.refuse(
                f"a condition is one line of at most {LONGEST:,} characters and {DEEPEST} parentheses",
                "detection",
                "condition",
            )
        try:
            parsed = SigmaCondition(text, detections).parse(postprocess=False)
        except FAULTS as fault:
            raise document.refuse(f'condition "{text}": {fault}', "detection", "condition") from None
        nodes.append(_resolve(document, detections, parsed))
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _resolve(document: Document, detections: SigmaDetections, parsed: Any) -> Node:
    if isinstance(parsed, ConditionIdentifier):
        return _selection(document, detections, parsed.identifier)
    if isinstance(parsed, ConditionSelector):
        return _selector(document, detections, parsed)
    nodes = tuple(_resolve(document, detections, part) for part in parsed.args)
    if isinstance(parsed, ConditionNOT):
        return Not(nodes[0])
    assert isinstance(parsed, ConditionAND | ConditionOR)  # all that the grammar of conditions knows
    return And(nodes) if isinstance(parsed, ConditionAND) else Or(nodes)


def _selector(document: Document, detections: SigmaDetections, selector: ConditionSelector) -> Node:
    chosen = [found.identifier for found in selector.resolve_referenced_detections(detections)]
    if not chosen:
        raise document.refuse(f'"{" of ".join(map(str, selector.args))}" names no selection', "detection", "condition")
    nodes = tuple(_selection(document, detections, name) for name in chosen)
    if len(nodes) == 1:
        return nodes[0]
    return And(nodes) if selector.cond_class is ConditionAND else Or(nodes)


def _selection(document: Document, detections: SigmaDetections, name: str) -> Node:
    if name not in detections.detections:
        raise document.refuse(f'the condition names "{name}", but no selection has that name', "detection", "condition")
    raw = document.data["detection"][name]
    return _Reader(document, name).detection(detections.detections[name], raw, ("detection", name))


class _Reader:
    """Reads one selection; every term it makes cites the selection's name."""

    def __init__(self, document: Document, clause: str) -> None:
        self._document = document
        self._clause = clause

    def detection(self, detection: SigmaDetection, raw: Any, steps: tuple[Step, ...]) -> Node:
        """A selection or a nested part of one; `raw` is the same as it stands in the file."""
        keys: Sequence[tuple[Any, Any]]
        if isinstance(raw, Mapping):
            keys = list(raw.items())
        elif isinstance(raw, list) and isinstance(detection.detection_items[0], SigmaDetection):
            keys = list(enumerate(raw))
        else:
            keys = [(None, raw)]
        nodes: list[Node] = []
        for item, (key, value) in zip(detection.detection_items, keys, strict=True):
            inner = steps if key is None else (*steps, key if isinstance(key, int) else str(key))
            if isinstance(item, SigmaDetection):
                nodes.append(self.detection(item, value, inner))
            else:
                nodes.append(self._item(item, str(key or ""), inner))
        if len(nodes) == 1:
            return nodes[0]
        return And(tuple(nodes)) if detection.item_linking is ConditionAND else Or(tuple(nodes))

    def _item(self, item: SigmaDetectionItem, key: str, steps: tuple[Step, ...]) -> Node:
        for modifier in key.split("|")[1:]:
            if modifier not in MODIFIERS:
                known = ", ".join(sorted(MODIFIERS))
                raise self._document.refuse(f'modifier "{modifier}" is not supported; known are {known}', *steps)
        try:
            field = find(item.field) if item.field else None
            op, values = _values(item)
            fitted = tuple(dict.fromkeys(fit(field, op, value) for value in values))
        except InvalidQueryError as error:
            raise self._document.refuse(str(error), *steps) from None
        every = item.value_linking is ConditionAND and len(fitted) > 1
        cased = SigmaCaseSensitiveModifier in item.modifiers
        return Term(field.name if field else None, op, fitted, every=every, cased=cased, clause=self._clause)


def _values(item: SigmaDetectionItem) -> tuple[Operator, list[Scalar]]:
    """The operator of an item and its plain values."""
    modifiers = [reverse_modifier_mapping[modifier.__name__] for modifier in item.modifiers]
    if not item.value:
        return "equals", [None]
    first = item.value[0]
    if isinstance(first, SigmaString | SigmaNull | SigmaNumber | SigmaBool):
        return _plain(item, modifiers)
    if isinstance(first, SigmaRegularExpression | SigmaFieldReference) and PARTIAL & set(modifiers):
        raise InvalidQueryError("re (anchor it with ^ and $) and fieldref stand without contains, startswith, endswith")
    return _special(list(item.value))


def _special(values: list[Any]) -> tuple[Operator, list[Scalar]]:
    first = values[0]
    if isinstance(first, SigmaCompareExpression):
        return _comparison(first), [value.number.number for value in values]
    if isinstance(first, SigmaRegularExpression):
        return "re", [_pattern(value) for value in values]
    if isinstance(first, SigmaFieldReference):
        return "fieldref", [value.field for value in values]
    if isinstance(first, SigmaCIDRExpression):
        return "cidr", [str(value) for value in values]
    assert isinstance(first, SigmaExists)  # the last kind that our modifiers make
    return "exists", [value.exists for value in values]


def _comparison(value: SigmaCompareExpression) -> Operator:
    names: dict[str, Operator] = {"LT": "lt", "LTE": "lte", "GT": "gt", "GTE": "gte"}
    return names[value.op.name]


def _pattern(value: SigmaRegularExpression) -> str:
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    return f"(?{flags})" * bool(flags) + value.regexp.original


def _plain(item: SigmaDetectionItem, modifiers: Sequence[str]) -> tuple[Operator, list[Scalar]]:
    partial: dict[str, Operator] = {"contains": "contains", "startswith": "startswith", "endswith": "endswith"}
    op = next((partial[modifier] for modifier in modifiers if modifier in partial), None)
    if op is None and item.field is None:
        op = "contains"
    parts = [_parts(value) for value in item.value]
    if op is None:
        return "equals", [render_pattern(value) if isinstance(value, tuple) else value for value in parts]
    if None in parts:
        raise InvalidQueryError("null needs a field and no modifier but cased")
    literals = [_bare(value, op) if isinstance(value, tuple) else spell(value) for value in parts]
    if None not in literals:
        return op, list(literals)
    return "equals", [render_pattern(_padded(value, op)) if isinstance(value, tuple) else value for value in parts]


def _parts(value: Any) -> tuple[Part, ...] | Scalar:
    """The pieces of a text, or the plain value of anything else."""
    if isinstance(value, SigmaString):
        return tuple(
            part if isinstance(part, str) else (Wild.ANY if part is SpecialChars.WILDCARD_MULTI else Wild.ONE)
            for part in value.s
        )
    if isinstance(value, SigmaNull):
        return None
    plain: Scalar = value.boolean if isinstance(value, SigmaBool) else value.number
    return plain


def _bare(parts: tuple[Part, ...], op: Operator) -> str | None:
    """The literal text that a partial comparison looks for, or None when it holds further wildcards."""
    if op in ("contains", "endswith") and parts[:1] == (Wild.ANY,):
        parts = parts[1:]
    if op in ("contains", "startswith") and parts[-1:] == (Wild.ANY,):
        parts = parts[:-1]
    return "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None


def _padded(parts: tuple[Part, ...], op: Operator) -> tuple[Part, ...]:
    before: tuple[Part, ...] = (Wild.ANY,) if op in ("contains", "endswith") else ()
    after: tuple[Part, ...] = (Wild.ANY,) if op in ("contains", "startswith") else ()
    return (*before, *parts, *after)
