"""One event in one line for a person: when, who, from where, what, on what, with which outcome."""

from typing import Final

from kwho.reports.text import cut, printable
from kwho.reports.words import moment, name_of
from kwho.schema.event import ObjectRef
from kwho.views import Look, source
from kwho.views.outcome import outcome

_NOTHING: Final = ObjectRef()


def event_line(look: Look, width: int) -> bytes:
    """The line, without what a terminal would obey, at most `width` columns wide."""
    event, near = look.event, source.peer(look)
    ref = event.objectRef or _NOTHING
    target = "/".join(part for part in (ref.resource, ref.subresource) if part) or event.requestURI or ""
    place = f" in {ref.namespace}" if ref.namespace else ""
    user = name_of(event.user.username if event.user else None)
    borrowed = f" as {name_of(event.impersonatedUser.username)}" if event.impersonatedUser else ""
    peer = "" if near is None else f" from {near}"
    code = event.responseStatus.code if event.responseStatus else None
    found = look.see(outcome)
    what = f"{event.verb or '?'} {target}{' ' + ref.name if ref.name else ''}{place}"
    text = f"{moment(event.requestReceivedTimestamp)}  {user}{borrowed}{peer}  {what}  {found} {code or ''}".rstrip()
    return cut(printable(text), width).encode("utf-8", "backslashreplace") + b"\n"
