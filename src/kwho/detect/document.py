"""YAML documents with the line of every key, read strictly: duplicate keys and oversized documents are refused."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

from kwho.errors import InvalidRuleError

DEEPEST: Final = 40
"""Levels of nesting of one document."""
MOST_NODES: Final = 50_000
"""Keys, values and items of one document, aliases counted each time they are used."""
LONGEST: Final = 2_000_000
"""Characters of one file."""

EXPECTED: Final = "a rule is a mapping (title: …)"
"""What a document of a rule file is."""

Step = str | int
Lines = dict[tuple[Step, ...], int]

_FAULTS: Final = (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError)
"""What the YAML library raises for text that is no document: its own errors, and those of dates and numbers."""


class Document(NamedTuple):
    """One YAML document: its content and, for each path of keys and list positions, the line it starts on."""

    path: str
    data: dict[str, Any]
    lines: Lines

    def line(self, *steps: Step) -> int:
        """The line of a path, or of the nearest part of it that has one."""
        nearest = (steps[:length] for length in range(len(steps), -1, -1))
        return next(self.lines[path] for path in nearest if path in self.lines)

    def refuse(self, reason: str, *steps: Step) -> InvalidRuleError:
        """The error that says what is wrong with the value at a path."""
        return InvalidRuleError(f"{self.path}:{self.line(*steps)}: {reason}")

    def require(self, *keys: str) -> None:
        """Raise InvalidRuleError unless each key holds some text."""
        for key in keys:
            value = self.data.get(key)
            if not isinstance(value, str) or not value.strip():
                raise self.refuse(f"the rule has no {key}", key)


def read_documents(path: str, text: str, expected: str = EXPECTED) -> Iterator[Document | InvalidRuleError]:
    """The documents of one file, in order; what cannot be read is yielded as the error it is. Empty ones are skipped.

    `expected` says what a document is, for those that are no mapping.

    After a syntax error the rest of the file is not read: where the next document starts is unknown.
    """
    try:
        _check_depth(text)
        yield from _documents(path, text, expected)
    except _FAULTS as fault:
        yield InvalidRuleError(f"{path}:{_line_of(fault)}: {_reason(fault)}")


def _check_depth(text: str) -> None:
    # Events come one by one; composing nodes recurses within the C library, so the depth is checked before.
    if len(text) > LONGEST:
        raise ValueError(f"the file has {len(text):,} characters; at most {LONGEST:,} are read")
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")


def _documents(path: str, text: str, expected: str) -> Iterator[Document | InvalidRuleError]:
    loader = yaml.CSafeLoader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            assert node is not None
            lines: Lines = {(): node.start_mark.line + 1}
            try:
                _walk(node, (), lines, [0])
                data = loader.construct_document(node)
            except _FAULTS as fault:
                yield InvalidRuleError(f"{path}:{_line_of(fault, lines[()])}: {_reason(fault)}")
                continue
            if isinstance(data, dict) and all(isinstance(key, str) for key in data):
                yield Document(path, data, lines)
            elif data is not None:
                yield InvalidRuleError(f"{path}:{lines[()]}: {expected}, this is none")
    finally:
        loader.dispose()


def _walk(node: yaml.Node, steps: tuple[Step, ...], lines: Lines, count: list[int]) -> None:
    count[0] += 1
    if len(steps) > 2 * DEEPEST:
        raise ValueError("an alias stands within what it stands for, or is nested too deep")
    if count[0] > MOST_NODES:
        raise ValueError(f"the document has more than {MOST_NODES:,} values")
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            lines[*steps, position] = item.start_mark.line + 1
            _walk(item, (*steps, position), lines, count)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*steps, str(key.value))
            if inner in lines:
                raise yaml.MarkedYAMLError(problem=f'the key "{key.value}" stands twice', problem_mark=key.start_mark)
            lines[inner] = key.start_mark.line + 1
            _walk(value, inner, lines, count)


def _line_of(fault: BaseException, otherwise: int = 1) -> int:
    mark = getattr(fault, "problem_mark", None)
    return otherwise if mark is None else int(mark.line) + 1


def _reason(fault: BaseException) -> str:
    if isinstance(fault, yaml.MarkedYAMLError):
        return fault.problem or "not valid YAML"
    return f"not valid YAML: {fault}" if isinstance(fault, yaml.YAMLError) else str(fault)
