"""The page of the documentation that publishes what was measured: text of people, tables of the bench."""

import re
from collections.abc import Mapping
from typing import Final

from bench.detection.logs import ROOT

PAGE: Final = ROOT / "docs" / "reference" / "detection-quality.md"

_TABLE: Final = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str, tables: Mapping[str, str]) -> str:
    """The page with every table between its marks replaced; KeyError for a mark that no table has."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{tables[found[2]]}\n{found[3]}", text)
