"""The pages of the documentation, their commands and their code."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(kwho [^`]+)`")


class Fence(NamedTuple):
    """A block of code on a page."""

    page: Path
    language: str
    text: str


def name_of(page: Path) -> str:
    """A page as tests name it."""
    return str(page.relative_to(ROOT))


def fences() -> Iterator[Fence]:
    """Every block of code of every page."""
    for page in PAGES:
        for language, text in _FENCE.findall(page.read_text("utf-8")):
            yield Fence(page, language, text)


def shell_commands() -> Iterator[tuple[Path, list[str]]]:
    """The arguments of every `kwho` command in blocks of shell code."""
    for fence in fences():
        if fence.language == "sh":
            for line in fence.text.replace("\\\n", " ").splitlines():
                for words in split(line):
                    if words[0].removeprefix(".venv/bin/") == "kwho":
                        yield fence.page, words[1:]


def inline_commands() -> Iterator[tuple[Path, str]]:
    """Every mention of a command within a sentence."""
    for page in PAGES:
        text = _FENCE.sub("", page.read_text("utf-8"))
        for mention in _INLINE.findall(text):
            yield page, mention


def split(line: str) -> Iterator[list[str]]:
    """The commands of one line of shell; redirections are left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    redirected = False
    for word in lexer:
        if set(word) <= set("|&;()"):
            if words:
                yield words
            words = []
        elif set(word) <= set("<>"):
            redirected = True
        elif redirected:
            redirected = False
        else:
            words.append(word)
    if words:
        yield words
