"""What the documentation tells people to type means something, and all that can be typed is described."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.docs.conftest import ROOT, fences, inline_commands, name_of, shell_commands, split

from kwho.cli import root
from kwho.cli.select import select
from kwho.fields import FIELDS
from kwho.formats import members
from kwho.outputs import names
from kwho.query.parse import parse_query

REFERENCE = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
SHARED = {
    "Options that select events": ("scan", "story", "search", "convert"),
    "Options that decide the answer": ("scan", "story"),
    "Options that name rules": (
        "config check",
        "scan",
        "story",
        "rules list",
        "rules show",
        "rules lint",
        "rules test",
        "rules blind",
    ),
}


def leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from leaves(command, f"{name} ")
            else:
                yield f"{path}{name}", command


COMMANDS = dict(leaves(root))


def resolve(words: list[str]) -> tuple[str, list[str]]:
    """The command that the words begin with, and the rest of them."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS:
            return name, words[length:]
    raise AssertionError(f"no such command: {' '.join(words)}")


def options(command: click.Command) -> set[str]:
    return {name for option in command.params if isinstance(option, click.Option) for name in option.opts} - {"-h"}


@pytest.mark.parametrize(("page", "words"), [*shell_commands()], ids=lambda value: None)
def test_every_command_line_can_be_parsed(
    page: Path, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("rules", "my-rules"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    if words[0].startswith("-"):
        assert words[0] in {"--version", "--help"}
        return
    name, rest = resolve(words)
    with COMMANDS[name].make_context(name, rest) as ctx:
        given = ctx.params
    if "where" in given:
        query = given.get("query")
        select(given if query is None else {**given, "where": query})
    formats = [out.partition("=")[0] for out in given.get("outs") or ()]
    if name == "scan":
        assert {given["form"], *formats} <= set(names())


@pytest.mark.parametrize(("page", "mention"), [*inline_commands()], ids=lambda value: None)
def test_every_mention_of_a_command_names_what_exists(page: Path, mention: str) -> None:
    words = next(split(mention))[1:]
    if words == ["rules"] or words[0] in {"--version", "COMMAND"}:
        return
    name, rest = resolve(words)
    asked = {word.partition("=")[0] for word in rest if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)}
    assert asked <= options(COMMANDS[name]) | {"--help"}, name_of(page)


def sections() -> dict[str, str]:
    pieces = re.split(r"^## (.+)$", REFERENCE, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_described_and_no_other(name: str) -> None:
    found = sections()
    own = found[f"kwho {name}"]
    shared = "".join(found[title] for title, commands in SHARED.items() if name in commands)
    described = set(
        re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", " ".join(re.findall(r"^\| (.+?) \|", own, re.MULTILINE)))
    )
    everything = described | set(re.findall(r"(?<=`)--?[a-z][a-z-]*", shared))
    assert options(COMMANDS[name]) <= everything
    assert described <= options(COMMANDS[name])


def test_the_reference_names_no_command_that_is_gone() -> None:
    described = {title.removeprefix("kwho ") for title in sections() if title.startswith("kwho ")}
    assert described == set(COMMANDS)


def test_every_output_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "outputs.md").read_text("utf-8")
    assert not [name for name in names() if f"## `{name}`" not in page]


def test_every_format_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "formats.md").read_text("utf-8")
    assert not [name for member in members() for name in member.formats if f"`{name}`" not in page]


def test_every_field_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "fields.md").read_text("utf-8")
    assert not [field.name for field in FIELDS if f"| `{field.name}` |" not in page]


def test_every_program_of_the_documentation_compiles() -> None:
    programs = [fence for fence in fences() if fence.language == "python"]
    assert programs
    for fence in programs:
        compile(fence.text, name_of(fence.page), "exec")


def test_every_query_of_the_documentation_can_be_read() -> None:
    queries = [line for fence in fences() if fence.language == "query" for line in fence.text.splitlines() if line]
    assert queries
    for query in queries:
        parse_query(query, now=1_767_607_200_000_000)
