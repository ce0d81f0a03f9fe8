"""What is wrong, or unwise, in rule files: every complaint with file and line, errors first refused by the loader."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from kwho.detect.attack import attack_table
from kwho.detect.correlation import Draft, read_correlation
from kwho.detect.document import Document, Step, read_documents
from kwho.detect.exclusion import read_exclusion, read_terms
from kwho.detect.extension import Extension, read_extension
from kwho.detect.rule import Rule
from kwho.detect.sigma import load_rules, read_rule, term_steps
from kwho.detect.vocabulary import VOCABULARIES, impossible_terms
from kwho.errors import InvalidRuleError
from kwho.fields import find
from kwho.query.ast import Node, Not, Term

_TECHNIQUE: Final = re.compile(r"t\d{4}(\.\d{3})?", re.ASCII)
_CASELESS: Final = re.compile(r"\(\?[a-zA-Z]*i")
_TEXTUAL: Final = ("equals", "contains", "startswith", "endswith", "fieldref")
_KEYS: Final = (
    "title", "id", "name", "related", "status", "description", "license", "references", "author", "date",
    "modified", "tags", "logsource", "detection", "correlation", "fields", "falsepositives", "level", "scope",
    "taxonomy", "kwho",
)  # fmt: skip


class Complaint(msgspec.Struct, frozen=True):
    """One thing to repair: an error keeps the rule from loading, a warning makes it worse than it could be."""

    severity: Literal["error", "warning"]
    path: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.text}"


def lint(sources: Iterable[tuple[str, str]]) -> list[Complaint]:
    """Every complaint about the rule files (path, text), in order of path and line."""
    files = list(sources)
    complaints = [_error(entry.reason, entry.id, entry.path) for entry in load_rules(files).refused]
    for path, text in files:
        for document in read_documents(path, text):
            if isinstance(document, Document):
                complaints.extend(_warnings(document))
    return sorted(set(complaints), key=lambda found: (found.path, found.line, found.severity, found.text))


def _error(reason: str, rule: str, path: str) -> Complaint:
    placed = re.match(r":(\d+): (.*)", reason.removeprefix(path), re.DOTALL)
    return Complaint("error", path, int(placed[1]) if placed else 1, rule, placed[2] if placed else reason)


def _warnings(document: Document) -> Iterator[Complaint]:
    if "filter" in document.data:
        yield from _about_exclusion(document)
        return
    try:
        read = read_correlation(document) if "correlation" in document.data else read_rule(document)
        extension = read_extension(document)
    except InvalidRuleError:
        return  # told as an error
    for text, steps in _texts(document, read, extension):
        identity = read.correlation.id if isinstance(read, Draft) else read.id
        yield Complaint("warning", document.path, document.line(*steps), identity, text)


def _about_exclusion(document: Document) -> Iterator[Complaint]:
    try:
        read_exclusion(document)
        tests = read_terms(document).tests
    except InvalidRuleError:
        return  # told as an error
    wanted = (
        (tests.silent, "no kwho.tests.silent: an example that must be left out"),
        (tests.fires, "no kwho.tests.fires: an example that must be found in spite of it"),
    )
    for present, text in wanted:
        if not present:
            line = document.line("kwho", "tests")
            yield Complaint("warning", document.path, line, str(document.data["id"]), text)


def _texts(document: Document, read: Rule | Draft, extension: Extension) -> Iterator[tuple[str, tuple[Step, ...]]]:
    yield from _missing(document, extension)
    yield from _tags(document)
    for key in document.data:
        if key not in _KEYS:
            yield f'unknown key "{key}"; what kwho adds stands under kwho:', (key,)
    if isinstance(read, Rule):
        for term, reason in impossible_terms(read.condition):
            yield reason, term_steps(document, term)
        for term in _excluding(read.condition, positive=True):
            yield _uncased(term), term_steps(document, term)


def _missing(document: Document, extension: Extension) -> Iterator[tuple[str, tuple[Step, ...]]]:
    wanted: tuple[tuple[Any, str, tuple[Step, ...]], ...] = (
        (document.data.get("level"), "no level; medium is taken", ()),
        (document.data.get("description"), "no description", ()),
        (document.data.get("falsepositives"), "no falsepositives: which honest work looks like this?", ()),
        (extension.blind_spots, "no kwho.blind_spots: what does this rule not see?", ("kwho",)),
        (extension.response, "no kwho.response: what is to be done when it fires?", ("kwho",)),
        (extension.tests.fires, "no kwho.tests.fires: an example that must fire", ("kwho", "tests")),
        (extension.tests.silent, "no kwho.tests.silent: an example that must stay silent", ("kwho", "tests")),
    )
    yield from ((text, steps) for present, text, steps in wanted if not present)


def _tags(document: Document) -> Iterator[tuple[str, tuple[Step, ...]]]:
    tags = [str(tag) for tag in document.data.get("tags") or ()]
    if not any(tag.startswith("attack.") for tag in tags):
        yield "no ATT&CK tag (attack.t1611, attack.privilege-escalation)", ("tags",)
    techniques, tactics = attack_table()
    for position, tag in enumerate(tags):
        name = tag.removeprefix("attack.")
        if name == tag:
            continue
        known = name.upper() in techniques if _TECHNIQUE.fullmatch(name) else name.replace("_", "-") in tactics
        if not known:
            yield f'"{tag}" is no technique or tactic of the ATT&CK table', ("tags", position)


def _excluding(node: Node, *, positive: bool) -> Iterator[Term]:
    """The terms under an odd number of negations: what holds of them excuses the event."""
    if isinstance(node, Not):
        yield from _excluding(node.node, positive=not positive)
    elif not isinstance(node, Term):
        for part in node.nodes:
            yield from _excluding(part, positive=positive)
    elif not positive and not node.cased and _compares_text(node):
        yield node


def _compares_text(term: Term) -> bool:
    if term.field is None:
        return True
    field = find(term.field)
    if term.op == "re":
        return any(_CASELESS.search(str(value)) for value in term.values)
    if term.op not in _TEXTUAL or field.type != "text" or field.name in VOCABULARIES:
        return False
    return term.op == "fieldref" or any(
        isinstance(value, str) and value.upper() != value.lower() for value in term.values
    )


def _uncased(term: Term) -> str:
    return f"{term.field or 'a keyword'} excludes without |cased, so another spelling of the name is excused as well"
