"""Charts as inline SVG of our own, each with its numbers as a table below; no colour says anything alone."""

from typing import Final

from kwho.reports.activity import OUTCOMES, Bin
from kwho.reports.markup import Html, element, join, table
from kwho.reports.text import printable
from kwho.reports.words import NAMELESS, counted, moment, name_of, number, share
from kwho.schema.result import Talker

STEPS: Final = 96
BARS: Final = 10

_WIDTH: Final = 960
_HEIGHT: Final = 220
_TOP: Final = 14
_FLOOR: Final = 190
_LEFT: Final = 64
_LONG: Final = 1_000
"""Width of the longest bar, in units of its own."""


def activity_chart(steps: tuple[Bin, ...]) -> Html:
    """Events over time, stacked by outcome."""
    if not steps:
        return element("p", "No event carries a believable time, so there is no activity to draw.")
    most = max(step.total for step in steps) or 1
    pitch = (_WIDTH - _LEFT) / len(steps)
    bars = join([_stack(step, _LEFT + at * pitch, pitch, most) for at, step in enumerate(steps)])
    drawing = element(
        "svg",
        _axis(steps, most),
        bars,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="time",
        aria_label=f"Events over time in steps of {counted(steps[0].hours, 'hour')}, at most {number(most)} each",
    )
    legend = element(
        "p", *(element("span", outcome, class_=f"key k-{outcome}") for outcome in OUTCOMES), class_="legend"
    )
    rows = [(moment(step.start), *(number(count) for count in step.counts), number(step.total)) for step in steps]
    twin = table("Events over time (UTC)", ("from", *OUTCOMES, "all"), rows, numeric=(1, 2, 3, 4, 5))
    return element("figure", element("div", drawing, class_="wide"), legend, _numbers(twin))


def bar_chart(title: str, talkers: tuple[Talker, ...], whole: int, nameless: str = NAMELESS) -> Html:
    """The names with the most events, longest bar first; names stand in full and wrap where the page is narrow."""
    if not talkers:
        return Html("")
    shown = talkers[:BARS]
    most = max(talker.events for talker in shown) or 1
    rows = join([_bar(name_of(talker.name, nameless), talker.events, most, whole) for talker in shown])
    drawing = element("div", rows, class_="bars", role="img", aria_label=f"{title}: bars by events")
    cells = [(name_of(talker.name, nameless), number(talker.events), share(talker.events, whole)) for talker in talkers]
    twin = table(title, ("name", "events", "share"), cells, numeric=(1, 2))
    return element("figure", element("figcaption", title), drawing, _numbers(twin))


def _numbers(twin: Html) -> Html:
    return element("details", element("summary", "The numbers"), twin)


def _stack(step: Bin, x: float, pitch: float, most: int) -> Html:
    parts, floor = [], float(_FLOOR)
    for outcome, count in zip(OUTCOMES, step.counts, strict=True):
        height = (_FLOOR - _TOP) * count / most
        floor -= height
        if count:
            bar = {
                "x": f"{x:.1f}",
                "y": f"{floor:.1f}",
                "width": f"{max(pitch - 1, 0.6):.1f}",
                "height": f"{height:.1f}",
            }
            parts.append(element("rect", class_=f"k-{outcome}", **bar))
    told = ", ".join(f"{number(count)} {name}" for name, count in zip(OUTCOMES, step.counts, strict=True) if count)
    return element("g", element("title", f"{moment(step.start)}: {told or 'no event'}"), *parts)


def _axis(steps: tuple[Bin, ...], most: int) -> Html:
    last = steps[-1].start
    lines = [
        element("line", x1=_LEFT, x2=_WIDTH, y1=y, y2=y, class_="axis") for y in (_TOP, (_TOP + _FLOOR) // 2, _FLOOR)
    ]
    texts = [
        element("text", number(count), x=_LEFT - 8, y=y + 4, text_anchor="end")
        for count, y in ((most, _TOP), (most // 2, (_TOP + _FLOOR) // 2), (0, _FLOOR))
    ]
    ends = [
        element("text", moment(steps[0].start), x=_LEFT, y=_FLOOR + 20),
        element("text", moment(last), x=_WIDTH, y=_FLOOR + 20, text_anchor="end"),
    ]
    return join([*lines, *texts, *ends])


def _bar(name: str, events: int, most: int, whole: int) -> Html:
    strip = element(
        "svg",
        element("rect", x=0, y=0, width=f"{max(2.0, _LONG * events / most):.1f}", height=1, class_="bar"),
        viewBox=f"0 0 {_LONG} 1",
        preserveAspectRatio="none",
        class_="strip",
    )
    return element(
        "div",
        element("span", printable(name, 200), class_="name"),
        strip,
        element("span", f"{number(events)} · {share(events, whole)}", class_="much"),
    )
