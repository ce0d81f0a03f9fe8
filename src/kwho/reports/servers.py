"""The API servers of a log, as far as the input tells them apart."""

from typing import Final

from kwho.profile.gaps import spoken
from kwho.reports.words import counted, number
from kwho.schema.result import Result
from kwho.sources.family import family_of

NAMED: Final = 6
"""Servers named in one line; the rest is counted."""
UNNAMED: Final = "API server not named"


def servers(result: Result) -> str:
    """`3 API servers: a, b, c` where the log names them; where only files tell them apart, that is said."""
    of_files = unnamed(result)
    known = [name for server in result.instances if (name := spoken(server, of_files)) is not None]
    if len(known) < 2 and of_files.issuperset(known):
        return UNNAMED
    more = f" and {number(len(known) - NAMED)} more" if len(known) > NAMED else ""
    named = f"{', '.join(known[:NAMED])}{more}"
    if of_files.issuperset(known):
        return f"API servers told apart by file: {named}"
    return f"{counted(len(known), 'API server')}: {named}"


def unnamed(result: Result) -> set[str | None]:
    """The API servers that no wrapper names: those called by a family of files, and that of streams, None."""
    families = {family_of(file.path) for file in result.files}
    return {server for server in result.instances if server is None or server in families}
