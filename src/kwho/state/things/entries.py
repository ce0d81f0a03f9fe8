"""Entries: who opened a way into a running pod, and how."""

from collections.abc import Iterator

from kwho.state.fact import Fact, Lone
from kwho.state.things import actor, name_of, thing
from kwho.views import Look


class Entry(Lone, frozen=True, gc=False):
    """One way into a pod: `exec`, `attach`, `portforward` or `ephemeralcontainers`."""

    way: str
    partial: bool = False


class Entries:
    """Finds entries; the thing has the namespace and the name of the pod."""

    kind = "entries"
    condition = (
        "(target:pods/exec,pods/attach,pods/portforward answer:success,open) "
        "or (target:pods/ephemeralcontainers verb:update,patch accepted:true)"
    )
    resources = ()

    def observe(self, look: Look) -> Iterator[Fact]:
        """The entry into the pod that the request names."""
        ref, name = look.event.objectRef, name_of(look)
        if ref is not None and name:
            yield Fact(thing(look, self.kind, name), "used", actor(look), Entry(ref.subresource or ""))
