"""What an event means: small pure functions of a `Look`, each the one place where its question is answered."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views.site import Surroundings

T = TypeVar("T")
_UNSEEN: Final[Any] = object()


class Look:
    """One event under examination: every view is computed at most once, and only when something asks for it.

    `site` is what the user knows of the own site, when there is a site file.
    """

    __slots__ = ("_seen", "context", "event", "site")

    def __init__(self, event: Event, context: Context, site: Surroundings | None = None) -> None:
        self.event = event
        self.context = context
        self.site = site
        self._seen: dict[Callable[[Look], Any], Any] = {}

    def see(self, view: Callable[["Look"], T]) -> T:
        """The value of `view` for this event, remembered."""
        seen: T = self._seen.get(view, _UNSEEN)
        if seen is _UNSEEN:  # half of all: an exception for each would cost more than many a view
            seen = self._seen[view] = view(self)
        return seen

    def lay(self, view: Callable[["Look"], T], value: T) -> None:
        """Lay down the value of a view that somebody else knows."""
        self._seen[view] = value
