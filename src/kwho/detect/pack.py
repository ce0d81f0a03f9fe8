"""The rule set of one run: the pack that ships with kwho and the folders of the user, compiled once and cached."""

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from kwho import __version__, plugins
from kwho.detect.rule import Correlation, Exclusion, Refused, Rule, RuleSet
from kwho.errors import InvalidRuleError


def assemble(rule_dirs: Sequence[Path], *, pack: bool = True, disable: Sequence[str] = ()) -> RuleSet:
    """The rules of the pack (unless `pack` is false) and of all folders, without those that `disable` names.

    A rule or an exclusion is named by id or a start that no other id has, by name or by title. A disabled rule that a
    correlation counts stays, silent.
    Raises InvalidRuleError when `disable` names nothing, FileNotFoundError when a folder does not exist.
    """
    sources = read_sources(rule_dirs, pack=pack)
    return _without(_compiled(sources), disable) if disable else _compiled(sources)


def read_sources(rule_dirs: Sequence[Path], *, pack: bool = True) -> tuple[plugins.Source, ...]:
    """The files that `assemble` compiles, as text; a folder that is named twice is read once."""
    own = plugins.read_pack() if pack else ()
    folders: dict[Path, Path] = {}
    for folder in rule_dirs:
        folders.setdefault(folder.resolve(), folder)
    return (*own, *(source for folder in folders.values() for source in plugins.read_folder(folder)))


def compile_pack() -> bytes:
    """The pack as a wheel holds it in `content/pack.msgpack`: the fingerprint of its sources, then the rules."""
    sources = read_sources([])
    return _fingerprint(sources) + msgspec.msgpack.encode(_compile(sources))


Entry = Rule | Correlation | Refused

SHORTEST: Final = 4
"""Characters of an id that stand for it, when no other id begins so."""
CANDIDATES: Final = 20
"""Rules that a message lists when several are meant."""
CLOSE: Final = 3
"""Names like a mistyped one that a message proposes."""


def find_rule(rules: RuleSet, wanted: str) -> list[Entry]:
    """What a person means by an id or a start that no other id has, a name, a title, or a row of the catalog."""
    everything = entries(rules)
    folded = wanted.casefold()
    exact = [rule for rule in everything if folded in _labels(rule)]
    starts = [entry for entry in _only(starting(rules, wanted)) if not isinstance(entry, Exclusion)]
    return exact or covering(rules, wanted) or starts


def covering(rules: RuleSet, row: str) -> list[Entry]:
    """The rules and correlations that cover a row of the detection catalog, such as `D01`."""
    return [rule for rule in entries(rules) if not isinstance(rule, Refused) and row.upper() in rule.detections]


def find_exclusion(rules: RuleSet, wanted: str) -> list[Exclusion]:
    """What a person means by the id of an exclusion or a start that no other id has, its name or its title."""
    folded = wanted.casefold()
    exact = [entry for entry in rules.exclusions if folded in _labels(entry)]
    return exact or [entry for entry in _only(starting(rules, wanted)) if isinstance(entry, Exclusion)]


def starting(rules: RuleSet, wanted: str, least: int = SHORTEST) -> list[Entry | Exclusion]:
    """Every rule and exclusion whose id begins with `wanted`, which has at least so many characters."""
    folded = wanted.casefold()
    everything = (*entries(rules), *rules.exclusions)
    return [entry for entry in everything if len(folded) >= least and entry.id.casefold().startswith(folded)]


def suggest(rules: RuleSet, wanted: str) -> str:
    """The end of a sentence about a name that fits no rule, or several: what may have been meant."""
    if covers := covering(rules, wanted):
        return f"; it is a row of the catalog, and what covers it is:{_named(covers)}"
    if several := starting(rules, wanted, 1):
        return f"; {'one id begins' if len(several) == 1 else f'{len(several)} ids begin'} so:{_named(several)}"
    labels = {label: entry.id for entry in (*entries(rules), *rules.exclusions) for label in _labels(entry)}
    meant: dict[str, str] = {}
    for label in difflib.get_close_matches(wanted.casefold(), sorted(labels), 2 * CLOSE):
        meant.setdefault(labels[label], f'"{label}"')
    close = list(meant.values())[:CLOSE]
    return f"; did you mean {' or '.join(close)}?" if close else "; `kwho rules list` shows all"


def _named(found: Sequence[Entry | Exclusion]) -> str:
    """A line for each of the first entries, with the id by which it can be meant."""
    more = f"\n  … and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
    return "".join(f"\n  {entry.id}  {entry.title}" for entry in found[:CANDIDATES]) + more


def entries(rules: RuleSet) -> tuple[Entry, ...]:
    """Everything of a rule set: rules, correlations, and what was refused."""
    return (*rules.rules, *rules.correlations, *rules.refused)


def _only(found: list[Entry | Exclusion]) -> list[Entry | Exclusion]:
    """What was found when it has one id, nothing when it is not told apart."""
    return found if len({entry.id for entry in found}) == 1 else []


def _labels(rule: Entry | Exclusion) -> tuple[str, ...]:
    name = None if isinstance(rule, Refused) else rule.name
    return tuple(label.casefold() for label in (rule.id, name, rule.title) if label)


def _compiled(sources: Sequence[plugins.Source]) -> RuleSet:
    if shipped := _read(plugins.load_compiled(_fingerprint(sources))):
        return shipped
    key = _key(sources)
    if cached := _read(plugins.load_cached(key)):
        return cached
    compiled = _compile(sources)
    plugins.save_cached(key, msgspec.msgpack.encode(compiled))
    return compiled


def _read(kept: bytes | None) -> RuleSet | None:
    """A compiled set; None when there is none, or the file is torn or foreign."""
    try:
        return None if kept is None else msgspec.msgpack.decode(kept, type=RuleSet)
    except msgspec.DecodeError:
        return None


def _compile(sources: Sequence[plugins.Source]) -> RuleSet:
    from kwho.detect.sigma import load_rules  # noqa: PLC0415  pySigma takes longer to import than a small scan

    compiled = load_rules((source.path, source.text) for source in sources if not source.reason)
    unread = [
        Refused(id="", title="", path=source.path, reason=f"{source.path}: {source.reason}")
        for source in sources
        if source.reason
    ]
    return msgspec.structs.replace(compiled, refused=(*unread, *compiled.refused))


def _key(sources: Sequence[plugins.Source]) -> str:
    """Names a compiled set in the cache: changes with its sources and with the code that compiles."""
    return _digest(plugins.code_stamp(), _fingerprint(sources).hex()).hex()


def _fingerprint(sources: Sequence[plugins.Source]) -> bytes:
    return _digest(__version__, *(part for source in sources for part in source))


def _digest(*parts: str) -> bytes:
    digest = hashlib.blake2b(digest_size=plugins.FINGERPRINT)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def _without(rules: RuleSet, disable: Sequence[str]) -> RuleSet:
    gone: set[str] = set()
    for wanted in disable:
        everything = (*entries(rules), *rules.exclusions)
        named = {entry.id for entry in everything if wanted.casefold() in _labels(entry) and entry.id}
        named = named or {entry.id for entry in _only(starting(rules, wanted))}
        if not named:
            raise InvalidRuleError(f'cannot disable "{wanted}": no rule has that id or name{suggest(rules, wanted)}')
        gone |= named
    correlations = tuple(rule for rule in rules.correlations if rule.id not in gone)
    counted = {identity for rule in correlations for identity in rule.rules}
    kept = [
        msgspec.structs.replace(rule, silent=True) if rule.id in gone else rule
        for rule in rules.rules
        if rule.id not in gone or rule.id in counted
    ]
    refused = tuple(entry for entry in rules.refused if entry.id not in gone)
    exclusions = tuple(entry for entry in rules.exclusions if entry.id not in gone)
    return RuleSet(rules=tuple(kept), correlations=correlations, refused=refused, exclusions=exclusions)
