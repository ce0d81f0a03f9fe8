"""A scan of bytes that are already in memory: for examples of rules, for tests, and for use as a library."""

import io
from collections.abc import Sequence

from kwho.detect.health import Expected
from kwho.detect.rule import RuleSet
from kwho.engine.spill import Shelf
from kwho.formats.reader import Reader
from kwho.formats.shape import Shapes
from kwho.kernel.conclude import Inquiry, conclude
from kwho.kernel.judge import Judge
from kwho.kernel.ledger import InputFile
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import PartKey
from kwho.query.ast import Node
from kwho.query.match import compile_node
from kwho.schema.result import Result
from kwho.schema.site import Site
from kwho.views.site import Surroundings

NAME = "(memory)"


def scan_bytes(
    data: bytes,
    rules: RuleSet,
    *,
    where: Node | None = None,
    cluster: str | None = None,
    expected: Expected | None = None,
    site: Site | None = None,
) -> Result:
    """The answer for one log in memory, as `kwho scan` gives it for a file; the site names no files of places."""
    around = Surroundings(site) if site is not None else None
    reader = Reader(io.BytesIO(data).readline)
    key = PartKey(0, 0)
    mapper = Mapper(Judge(rules), compile_node(where) if where is not None else None, cluster, around)
    partial = mapper.map(reader.read(Shapes() if where is None else None), Place(key, NAME))
    facts, shelf = partial.parts[key], Shelf()
    facts.end, facts.lines = reader.offset, reader.lines
    assert facts.columns is not None
    shelf.put(key, facts.columns)
    told = site.parts if site is not None else ()
    return conclude(partial, Inquiry(rules, [InputFile(NAME, len(data))], shelf, True, expected, told))


def judge_lines(rules: RuleSet, lines: Sequence[bytes], site: Site | None = None) -> set[str]:
    """The ids of the rules and correlations that fire on native lines; how examples of rules are run."""
    return {finding.rule.id for finding in scan_bytes(b"\n".join(lines), rules, site=site).findings}
