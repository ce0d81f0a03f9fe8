"""Where the images of pods and templates came from, and since when the log knows each place."""

from kwho.state.fact import Told
from kwho.state.spec import Spec
from kwho.views.containers import registry_of


class Origins:
    """Filled once, in order of time, while the world is folded."""

    def __init__(self) -> None:
        self._first: dict[tuple[str | None, str], tuple[int, ...]] = {}

    def add(self, told: Told) -> None:
        """Take in one fact."""
        content = told.fact.content
        if isinstance(content, Spec):
            for _, image in content.containers:
                place = (told.fact.thing.cluster, registry_of(image)) if image else None
                if place is not None and place not in self._first:
                    self._first[place] = told.moment

    def is_new(self, cluster: str | None, image: str, moment: tuple[int, ...]) -> bool:
        """True when nothing before a moment had an image of the same registry and organisation."""
        first = self._first.get((cluster, registry_of(image)))
        return first is None or first >= moment
