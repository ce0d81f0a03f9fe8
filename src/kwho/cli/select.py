"""Which events a command looks at: the options for it that `scan`, `search` and `convert` share."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from kwho.cli.site import OPTION as SITE
from kwho.detect.question import state_fields
from kwho.errors import InvalidQueryError
from kwho.query.ast import And, Node, Operator, Term
from kwho.query.filters import parse_filters
from kwho.query.parse import parse_query
from kwho.query.unparse import unparse
from kwho.query.when import parse_when
from kwho.schema.moment import format_moment

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--where", metavar="QUERY", help="Only events that match the query, such as 'code>=400 -user:system:*'."
    ),
    click.option("--since", metavar="TIME", help="Only events from this time on: RFC 3339, or '2h ago'."),
    click.option("--until", metavar="TIME", help="Only events before this time."),
    click.option("--verb", "verbs", metavar="LIST", multiple=True, help="Only these verbs; -VERB leaves one out."),
    click.option(
        "--user", "users", metavar="LIST", multiple=True, help="Only these users; * and ? stand for anything."
    ),
    click.option("--resource", "resources", metavar="LIST", multiple=True, help="Only these resources, as pods/exec."),
    click.option("--namespace", "namespaces", metavar="LIST", multiple=True, help="Only these namespaces."),
    click.option("--code", "codes", metavar="LIST", multiple=True, help="Only these response codes, as 403,5xx."),
    SITE,
)

_LISTS: Final = ("verbs", "users", "resources", "namespaces", "codes")
_TEXTS: Final = ("where", "since", "until")
_BOUNDS: Final[tuple[tuple[str, Operator], ...]] = (("since", "gte"), ("until", "lt"))


def selecting(function: F) -> F:
    """Give a command the options that select events; they arrive as `**selection`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def check_text(value: str | None) -> None:
    """Refuse what is no text: bytes of the command line that are no UTF-8 cannot match anything."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise click.UsageError(f"{value!a} is no UTF-8 text") from None


def present() -> int:
    """The present, in microseconds since 1970."""
    return time.time_ns() // 1_000


def select(selection: dict[str, Any], query: str = "", now: int | None = None) -> Node | None:
    """The condition that a query and the options spell; None when none was given. Relative times count from `now`.

    A mistake is a usage error before any reading.
    """
    short = [selection[name] for name in _LISTS]
    for text in (query, *(selection[name] for name in _TEXTS), *(each for texts in short for each in texts)):
        check_text(text)
    now = present() if now is None else now
    nodes: list[Node] = []
    try:
        for option, op in _BOUNDS:
            if selection[option] is not None:
                nodes.append(Term("requestReceivedTimestamp", op, (parse_when(selection[option], now),)))
        nodes += [parse_query(text, now=now) for text in (query, selection["where"]) if text and text.strip()]
        if any(short):
            nodes.append(parse_filters(*short))
    except InvalidQueryError as error:
        raise click.UsageError(str(error)) from None
    asked = sorted({name for node in nodes for name in state_fields(node)})
    if asked:
        raise click.UsageError(f"state.{asked[0]} is told at the end of a scan: only rules can ask for it")
    return And(tuple(nodes)) if nodes else None


def fixed(option: str, text: str, now: int) -> str:
    """The text of an option, which was read at `now`, such that it means the same at any later time."""
    try:
        if option in dict(_BOUNDS):
            parse_when(text, None)
        elif option == "where":
            parse_query(text)
    except InvalidQueryError:  # it counts from the present
        return unparse(parse_query(text, now=now)) if option == "where" else format_moment(parse_when(text, now))
    return text
