"""A byte scanner for JSON that no decoder takes: it finds where values end, cuts members, and mends what is broken.

It checks the grammar of brackets, commas, colons and strings, and nothing inside a scalar, so that one bad number or
escape costs only the field it stands in. A string never spans a line: a raw newline inside one ends the scan. The
scanner is iterative, so nesting costs no stack; `DEPTH` is our own bound, the same on every version of Python.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

import msgspec

DEPTH: Final = 200
"""Brackets within brackets, counted from the innermost record or body; what is deeper is not read."""

FRAME_DEPTH: Final = 1_000
"""The same for whole documents, wrappers and the record inside; beyond it a document is malformed."""

Verdict = Literal["done", "level", "more", "torn", "malformed", "deep"]

_TOKEN: Final = re.compile(rb'[ \t\r\n]*+(?:("(?:[^"\\\n]++|\\[^\n])*+")|([{}\[\],:])|([^\s"{}\[\],:]++))', re.DOTALL)
_BRACKET: Final = re.compile(rb'[^"{}\[\]]*+(?:"(?:[^"\\]++|\\.)*+"[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)
_INLINE: Final = re.compile(rb'[^"{}\[\]\n]*+(?:"(?:[^"\\\n]++|\\[^\n])*+"[^"{}\[\]\n]*+)*+[{}\[\]]')
_SCALARS: Final = re.compile(
    rb'(?:[ \t\r\n]*+(?:"(?:[^"\\\n]++|\\[^\n])*+"|[^\s"{}\[\],:]++)[ \t\r\n]*+,){2,10000}+', re.DOTALL
)
_BLANK: Final = re.compile(rb"[ \t\r\n]*+")
_AUDIT_ID: Final = re.compile(rb'(?<!\\)\\*+"audit(?:ID|Id)\\*+"\s*:\s*\\*+"([^"\\]{1,256})\\*+"')

# States of the pushdown automaton. A container's state says what may come next in it.
_START, _O_FIRST, _O_KEY, _O_COLON, _O_VALUE, _O_NEXT, _A_FIRST, _A_VALUE, _A_NEXT = range(9)
_SCALAR: Final = 0  # stands for the first byte of any scalar but a string
_QUOTE, _COMMA, _COLON, _LBRACK, _RBRACK, _LBRACE, _RBRACE = b'",:[]{}'
_POP: Final = 9


def _values(after: int) -> dict[int, int]:
    return {_QUOTE: after, _SCALAR: after, _LBRACE: after, _LBRACK: after}


_NEXT: Final[tuple[dict[int, int], ...]] = (
    _values(_POP),
    {_QUOTE: _O_COLON, _RBRACE: _POP},
    {_QUOTE: _O_COLON},
    {_COLON: _O_VALUE},
    _values(_O_NEXT),
    {_COMMA: _O_KEY, _RBRACE: _POP},
    {**_values(_A_NEXT), _RBRACK: _POP},
    _values(_A_NEXT),
    {_COMMA: _A_VALUE, _RBRACK: _POP},
)
_OPENS: Final = {_LBRACE: _O_FIRST, _LBRACK: _A_FIRST}


class Open:
    """A container that is not closed yet: where it began, under which key, and where its last comma stands."""

    __slots__ = ("comma", "item", "key", "start", "state")

    def __init__(self, state: int, start: int, key: tuple[int, int]) -> None:
        self.state = state
        self.start = start
        self.key = key
        """Span of the key the container stands under, quotes included; empty when its parent is no object."""
        self.item: tuple[int, int] = (0, 0)
        """Span of the last key read in it."""
        self.comma = 0
        """Position of its last comma, 0 before the first."""

    @property
    def is_list(self) -> bool:
        """True for an array."""
        return self.state >= _A_FIRST

    def shift(self, by: int) -> None:
        """Moves every position `by` bytes to the front, when that much was cut out before them."""
        self.start -= by
        self.comma = max(0, self.comma - by)
        self.key = (self.key[0] - by, self.key[1] - by)
        self.item = (self.item[0] - by, self.item[1] - by)


class Scanner:
    """Finds the end of one JSON value in a buffer that may grow: call `scan` again when it answers `more`."""

    def __init__(self, pos: int = 0) -> None:
        self.pos = pos
        """Everything before this position has been read."""
        self.stack: list[Open] = []
        self.floor = -1
        """Stop with `level` when only this many brackets are open after one was closed."""

    def scan(self, data: bytes | bytearray, *, ended: bool) -> Verdict:
        """Reads on; `ended` says that no more bytes of the current line will come.

        `done`: the value ends at `pos`. `more`: it does not end here. `torn`: the line ends inside a string.
        `level`: see `floor`. `malformed` and `deep`: what stands at `pos` can never become a value.
        """
        stack, size = self.stack, len(data)
        while True:
            token = _TOKEN.match(data, self.pos)
            if token is None:
                return self._unfinished(data, ended=ended)
            if token.end() == size and token.lastindex == 3 and not ended:
                return "more"  # a scalar may go on
            kind = _SCALAR if token.lastindex == 3 else data[token.start(token.lastindex or 0)]
            state = _NEXT[stack[-1].state if stack else _START].get(kind)
            if state is None:
                return "malformed"
            if stack and stack[-1].state in (_A_FIRST, _A_VALUE) and (run := _SCALARS.match(data, self.pos)):
                stack[-1].state, stack[-1].comma = _A_VALUE, run.end() - 1
                self.pos = run.end()
                continue
            if kind == _LBRACE and stack and stack[-1].is_list and (end := _hop(data, token.start(2))):
                stack[-1].state = state
                self.pos = end
                continue
            verdict = self._step(token, kind, state)
            if verdict:
                return verdict

    def _step(self, token: re.Match[bytes], kind: int, state: int) -> Verdict | None:
        stack = self.stack
        if kind in _OPENS and len(stack) >= FRAME_DEPTH:
            return "deep"
        self.pos = token.end()
        if state == _POP and kind in (_RBRACE, _RBRACK):
            stack.pop()
            if len(stack) == self.floor:
                return "level"
            return None if stack else "done"
        key = (0, 0)
        if stack:
            top = stack[-1]
            top.state = state
            if kind == _COMMA:
                top.comma = self.pos - 1
            elif state == _O_COLON:
                top.item = token.span(1)
            elif state == _O_NEXT:
                key = top.item
        if kind in _OPENS:
            stack.append(Open(_OPENS[kind], self.pos - 1, key))
        return None if stack else "done"

    def _unfinished(self, data: bytes | bytearray, *, ended: bool) -> Verdict:
        blank = _BLANK.match(data, self.pos)
        assert blank is not None
        rest = blank.end()
        if rest == len(data):
            return "more"
        if not ended:
            return "more"
        return "torn" if data[rest] == _QUOTE else "malformed"


def _hop(data: bytes | bytearray, pos: int) -> int:
    """The end of an object that is whole and on one line, by its brackets alone; 0 when it is not.

    An element of a list that is broken otherwise is found out when it is decoded, and costs no more than itself.
    """
    level = 0
    while (match := _INLINE.match(data, pos)) is not None:
        pos = match.end()
        level += 1 if data[pos - 1] in _OPENS else -1
        if not level:
            return pos
        if level > FRAME_DEPTH:
            break
    return 0


class Cut(NamedTuple):
    """One member of an object or element of an array; `key` is None in an array."""

    key: str | None
    value: bytes


def cut(data: bytes) -> list[Cut] | None:
    """The members of the object, or elements of the array, that `data` is; None when it is neither, whole and alone.

    Depth is not bounded here: a member of any depth is cut out, whoever reads it looks at `is_deep`.
    """
    cuts: list[Cut] = []
    key: str | None = None
    state, level, begin = _START, 0, 0
    frames = bytearray()
    pos, size = 0, len(data)
    while (token := _TOKEN.match(data, pos)) is not None:
        start = token.start(token.lastindex or 0)
        kind = _SCALAR if token.lastindex == 3 else data[start]
        following = _NEXT[state].get(kind)
        if following is None or (not level and kind not in _OPENS):
            return None
        pos = token.end()
        if level == 1 and following == _O_COLON:
            key = text(token.group(1))
        elif level == 1 and following in (_O_NEXT, _A_NEXT):
            begin = start
        if kind in _OPENS:
            frames.append(following)
            state, level = _OPENS[kind], level + 1
        elif following == _POP:
            state, level = frames.pop(), level - 1
            if not level:
                return cuts if _only_blank(data, pos, size) else None
        else:
            state = following
        if level == 1 and state in (_O_NEXT, _A_NEXT):
            cuts.append(Cut(key, data[begin:pos]))
    return None


def walk(data: bytes) -> Iterator[bytes]:
    """The elements of an array that is known to be valid JSON, one by one; of scalars in a row the first only."""
    pos, plain = data.index(b"[") + 1, False
    while (token := _TOKEN.match(data, pos)) is not None:
        start, pos = token.start(token.lastindex or 0), token.end()
        if data[start] in _OPENS:
            pos, plain = _end(data, start), False
            yield data[start:pos]
        elif data[start] == _COMMA:
            run = _SCALARS.match(data, pos) if plain else None
            pos = run.end() if run else pos
        elif data[start] == _RBRACK:
            return
        else:
            if not plain:
                yield data[start:pos]
            plain = True


def _end(data: bytes, pos: int) -> int:
    """Where the brackets close that open at `pos`; the text is known to be valid."""
    level = 0
    while (match := _BRACKET.match(data, pos)) is not None:
        pos = match.end()
        level += 1 if data[pos - 1] in _OPENS else -1
        if not level:
            break
    return pos


def _only_blank(data: bytes, pos: int, size: int) -> bool:
    blank = _BLANK.match(data, pos)
    return blank is not None and blank.end() == size


def is_deep(data: bytes, bound: int = DEPTH) -> bool:
    """True when brackets nest deeper than `bound` in a JSON text; cheap when there are too few of them."""
    if data.count(b"{") + data.count(b"[") <= bound:
        return False
    level = 0
    for match in _BRACKET.finditer(data):
        level += 1 if match.group(1) in b"{[" else -1
        if level > bound:
            return True
    return False


_BROKEN: Final = re.compile(
    r'(?:[^\\]++|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?:["\\/bfnrt]'
    r"|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))++|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|(?P<bad>\\)"
)
_CONTROL: Final = {code: f"\\u{code:04x}" for code in range(0x20)}
_PIECE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|-?\b(?:NaN|Infinity)\b', re.DOTALL)


def mend(data: bytes) -> bytes:
    """The JSON text with its defects replaced: bytes that are no UTF-8, lone surrogates, raw control characters,
    unknown escapes (by U+FFFD or their escaped form), NaN and infinities (by null).
    """
    return _changed(_PIECE, _mended_piece, data.decode("utf-8", "replace")).encode("utf-8", "replace")


def _mended_piece(match: re.Match[str]) -> str | None:
    piece = match.group()
    if not piece.startswith('"'):
        return "null"
    if "\\" not in piece and piece.isprintable():
        return None
    mended = _changed(_BROKEN, _mended_escape, piece).translate(_CONTROL)
    return None if mended == piece else mended


def _mended_escape(match: re.Match[str]) -> str | None:
    return {"lone": "\\ufffd", "bad": "\\\\"}.get(match.lastgroup or "")


def _changed(pattern: re.Pattern[str], change: Callable[[re.Match[str]], str | None], text: str) -> str:
    """The text with what `change` gives for matches; only what changes is held, for there may be millions of others."""
    parts: list[str] = []
    done = 0
    for match in pattern.finditer(text):
        new = change(match)
        if new is not None:
            if match.start() > done:
                parts.append(text[done : match.start()])
            parts.append(new)
            done = match.end()
    return "".join((*parts, text[done:])) if parts else text


def text(quoted: bytes) -> str:
    """The text of a JSON string as the scanner cut it, mended where it is broken."""
    try:
        return msgspec.json.decode(quoted, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(mend(quoted), type=str)


def find_audit_id(data: bytes) -> str | None:
    """The first auditID in a piece of text that cannot be decoded, whatever number of times it was escaped."""
    match = _AUDIT_ID.search(data)
    return match.group(1).decode("utf-8", "replace") if match else None


def excerpt(data: bytes, size: int = 160) -> str:
    """The beginning of hostile bytes as text, cut at `size` characters; whoever shows it escapes it."""
    return data[: size * 4].decode("utf-8", "replace")[:size]
