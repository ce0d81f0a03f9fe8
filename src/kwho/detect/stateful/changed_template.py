"""The template of a workload before and after a request."""

from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.spec import Spec
from kwho.state.world import actor_of


class ChangedTemplate:
    """Tells which containers a written template has more than before; nothing when the former one is unknown."""

    kinds = ("templates",)
    fields: Final = {
        "containers.added": "Names of containers by which the list of containers grew.",
        "images.added": "Images of those containers.",
        "template.author": "Who had written the template before.",
    }

    def tell(self, case: Case) -> Claim:
        """The difference that the request made; a list of the same length has only been renamed."""
        thing = case.told.fact.thing
        after, former = case.world.at(thing, case.moment).content, case.world.before(thing, case.moment)
        before, author = former.content, actor_of(former)
        if not isinstance(after, Spec) or not isinstance(before, Spec):
            return Claim({})
        names = dict(before.containers)
        grew = len(after.containers) > len(before.containers)
        added = [(name, image) for name, image in after.containers if name not in names] if grew else []
        return Claim(
            {
                "containers.added": tuple(name for name, _ in added),
                "images.added": tuple(dict.fromkeys(image for _, image in added if image)),
                "template.author": author.effective if author is not None else None,
            },
            (former.told.sighting,) if former.told is not None and added and author is not None else (),
        )
