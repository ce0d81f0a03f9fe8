"""The API servers of a log, as far as the input tells them apart."""

from typing import Final

from kwho.reports.words import counted, number
from kwho.schema.result import Result
from kwho.sources.family import family_of

NAMED: Final = 6
"""Servers named in one line; the rest is counted."""
UNNAMED: Final = "API server not named"


def servers(result: Result) -> str:
    """`3 API servers: a, b, c` where the log names them; where only files tell them apart, that is said."""
    known = [name for name in result.instances if name is not None]
    of_files = {family_of(file.path) for file in result.files}
    if not known or (len(known) == 1 and known[0] in of_files):
        return UNNAMED
    more = f" and {number(len(known) - NAMED)} more" if len(known) > NAMED else ""
    named = f"{', '.join(known[:NAMED])}{more}"
    if of_files.issuperset(known):
        return f"API servers told apart by file: {named}"
    return f"{counted(len(known), 'API server')}: {named}"
