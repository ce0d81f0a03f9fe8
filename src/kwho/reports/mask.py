"""The result without secrets and without bytes that no encoding takes.

`sound` makes every string encodable (lone surrogates become `\\udcff` in letters); `masked` hides in addition what can
hold secrets. Identifiers, positions, rule texts, clauses and field names are never masked, so that every claim can
still be traced back.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Final, TypeVar, cast

import msgspec

from kwho.schema.finding import Citation, Evidence, Finding, Principal, RuleRef, Source, Target, encodable
from kwho.schema.incident import Incident
from kwho.schema.ledger import Counts, FileReport
from kwho.schema.result import Blind, Result
from kwho.views.secrets import MASK, mask_arguments, mask_field, mask_text

T = TypeVar("T")

_encode = msgspec.json.Encoder(enc_hook=lambda _cited: None).encode
"""To see whether it can be done; citations that are made on demand are encodable when they are made."""

SHORT: Final = 1_000
"""Characters of a text whose masked form is remembered; 8,192 such texts are the bound."""

_PLAIN: Final = (Citation, RuleRef, Counts, FileReport, Blind)
_ALIKE: Final = (Principal, Source, Target)
_OURS: Final = frozenset({"policy", "versions", "formats", "unknown"})
_KEPT: Final = frozenset({"id", "detector", "severity", "outcome", "time", "rule", "events", "schema_version", "kind"})
_OPEN: Final = tuple(name for name in Finding.__struct_fields__ if name not in _KEPT and name != "evidence")
_open = attrgetter(*_OPEN)
"""What of a finding is hidden as text alone."""
_DATA: Final = re.compile(r"\.(?:data|stringData)\.")
_ARGUMENTS: Final = ("exec.argv",)


def sound(value: T) -> T:
    """The value with every string encodable; nothing is hidden, and what is encodable already stays as it is."""
    if isinstance(value, Result):
        return cast("T", _each(value, _sound, _sound, _sound))
    return _sound(value)


def masked(result: Result) -> Result:
    """The result with everything that can hold a secret hidden; ids, positions, clauses and fields stay."""
    return _each(sound(result), lambda rest: cast("Result", _walk(rest, _hidden)), _finding, _incident)


def _each(
    result: Result,
    other: Callable[[Result], Result],
    finding: Callable[[Finding], Finding],
    incident: Callable[[Incident], Incident],
) -> Result:
    """The result with each finding, each incident and all else changed."""
    rest = other(msgspec.structs.replace(result, findings=(), left_out=(), incidents=()))
    return msgspec.structs.replace(
        rest,
        findings=tuple(map(finding, result.findings)),
        left_out=tuple(map(finding, result.left_out)),
        incidents=tuple(map(incident, result.incidents)),
    )


def _sound(value: T) -> T:
    try:
        _encode(value)
    except UnicodeEncodeError:
        return cast("T", _walk(value, encodable))
    return value


def _hidden(text: str) -> str:
    return _remembered(text) if len(text) <= SHORT else mask_text(text)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> str:
    return mask_text(text)


@lru_cache(maxsize=512)
def _masked(value: Principal | Source | Target) -> object:
    """Many findings are about the same; every text of it may be long."""
    return _walk(value, _hidden)


_masked_field = lru_cache(maxsize=8192)(mask_field)


def _finding(finding: Finding) -> Finding:
    secret = finding.target.resource == "secrets"
    hidden: dict[str, object] = {}
    for name, value in zip(_OPEN, _open(finding), strict=True):
        if value and (found := _masked(value) if isinstance(value, _ALIKE) else _walk(value, _hidden)) != value:
            hidden[name] = found
    evidence = tuple([_evidence(item, secret=secret) for item in finding.evidence])
    if evidence != finding.evidence:
        hidden["evidence"] = evidence
    return msgspec.structs.replace(finding, **hidden) if hidden else finding


def _incident(incident: Incident) -> Incident:
    """What an event wrote into a story is hidden; ids, rule titles, blind spots and advice are our own."""
    return msgspec.structs.replace(
        incident,
        title=_hidden(incident.title),
        cluster=_walk(incident.cluster, _hidden),
        principals=_walk(incident.principals, _hidden),
        doubts=_walk(incident.doubts, _hidden),
        story=tuple(msgspec.structs.replace(step, text=_hidden(step.text)) for step in incident.story),
        bonds=tuple(msgspec.structs.replace(bond, text=_hidden(bond.text)) for bond in incident.bonds),
    )


def _evidence(item: Evidence, *, secret: bool) -> Evidence:
    """What a rule looked at; with `secret` it was a request for a secret."""
    value = item.value
    if secret and _DATA.search(item.field):
        value = None if value is None else MASK
    elif isinstance(value, str):
        value = _masked_field(item.field, value) if len(value) <= SHORT else mask_field(item.field, value)
    elif isinstance(value, tuple) and item.field in _ARGUMENTS:
        value = mask_arguments([str(part) for part in value])
    elif isinstance(value, tuple):
        value = tuple(mask_field(item.field, part) if isinstance(part, str) else part for part in value)
    return item if value == item.value else msgspec.structs.replace(item, value=value)


def _walk(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_walk(item, change) for item in value)
    if isinstance(value, list):
        return [_walk(item, change) for item in value]
    if isinstance(value, dict):
        return {encodable(key): _walk(item, change) for key, item in value.items()}
    if isinstance(value, msgspec.Struct) and not (change is not encodable and isinstance(value, _PLAIN)):
        kept = _OURS if change is _hidden else ()
        fields = {name: _walk(getattr(value, name), change) for name in value.__struct_fields__ if name not in kept}
        return msgspec.structs.replace(value, **fields)
    return value
