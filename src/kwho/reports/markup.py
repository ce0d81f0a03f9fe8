"""HTML built so that nothing hostile can become markup: text is escaped unless it was built here."""

import html
from collections.abc import Sequence
from typing import Final

from kwho.reports.text import printable

LONGEST: Final = 2_000
"""Characters of one hostile string that a page shows; the rest is told as a number."""

_VOID: Final = frozenset({"meta", "br", "rect", "line", "col"})


class Html(str):
    """Text that is markup already, made by `element` or `join`."""

    __slots__ = ()


def escaped(text: str) -> Html:
    """Text as it may stand in content and in quoted attributes: control characters shown, markup neutralised."""
    return text if isinstance(text, Html) else Html(html.escape(printable(text, LONGEST), quote=True))


def join(parts: Sequence[Html]) -> Html:
    """Markup after markup."""
    return Html("".join(parts))


def element(name: str, /, *children: str, **attributes: str | int | float) -> Html:
    """One element; children and attribute values are escaped.

    In attribute names a trailing `_` is dropped and every other `_` is a `-`.
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"' for key, value in attributes.items()
    )
    if name in _VOID and not children:
        return Html(f"<{name}{pairs}>" if name in ("meta", "br", "col") else f"<{name}{pairs}/>")
    return Html(f"<{name}{pairs}>{''.join(escaped(child) for child in children)}</{name}>")


def table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: tuple[int, ...] = ()) -> Html:
    """A table with caption and scoped headers; the first cell of a row is its header, `numeric` columns stand right."""

    def cell(at: int, text: str) -> Html:
        side = {"class_": "n"} if at in numeric else {}
        return element("td", text, **side) if at else element("th", text, scope="row", **side)

    header = join(
        [element("th", text, scope="col", **({"class_": "n"} if at in numeric else {})) for at, text in enumerate(head)]
    )
    body = join([element("tr", *(cell(at, text) for at, text in enumerate(row))) for row in rows])
    inner = element(
        "table", element("caption", caption), element("thead", element("tr", header)), element("tbody", body)
    )
    return element("div", inner, class_="wide")
