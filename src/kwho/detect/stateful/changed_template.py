"""The template of a workload before and after a request."""

from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.spec import Spec
from kwho.state.world import actor_of
from kwho.views.containers import registry_of


class ChangedTemplate:
    """Tells which containers a written template has more than before; nothing when the former one is unknown."""

    kinds = ("templates",)
    fields: Final = {
        "containers.added": "Names of containers by which the list of containers grew.",
        "images.added": "Images of those containers.",
        "images.foreign": "Images of a registry and organisation that neither the former template nor anything before "
        "in the log had.",
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
        former_origins = {registry_of(image) for _, image in before.containers if image}
        foreign = tuple(
            image
            for image in dict.fromkeys(image for _, image in after.containers if image)
            if registry_of(image) not in former_origins and case.world.origins.is_new(thing.cluster, image, case.moment)
        )
        added = [(name, image) for name, image in after.containers if name not in names] if grew else []
        return Claim(
            {
                "containers.added": tuple(name for name, _ in added),
                "images.added": tuple(dict.fromkeys(image for _, image in added if image)),
                "images.foreign": foreign,
                "template.author": author.effective if author is not None else None,
            },
            (former.told.sighting,) if former.told is not None and (added or foreign) and author is not None else (),
        )
