"""Pods: what they ask for, the node they were put on, who made and who deleted them.

A pod whose name the server completes is known by the prefix of its name, unless the response tells the whole.
"""

from collections.abc import Iterator
from typing import Final

from kwho.state.fact import Fact, clip
from kwho.state.spec import Spec, read_spec
from kwho.state.things import CHANGED, actor, change, name_of, subject_of, thing
from kwho.views import Look
from kwho.views.body import mapping, request_body, text

UNNAMED: Final = "*"
"""Stands behind the prefix in the name of a thing that is known by its prefix; no name of Kubernetes holds it."""


class Pods:
    """Finds facts about pods."""

    kind = "pods"
    condition = (
        f"(target:pods {CHANGED}) or (target:pods/ephemeralcontainers verb:update,patch accepted:true) "
        "or (target:pods/binding,pods/eviction verb:create accepted:true)"
    )
    resources = (("", "pods"),)

    def observe(self, look: Look) -> Iterator[Fact]:
        """The pod that is written, bound to a node, evicted or deleted."""
        ref = look.event.objectRef
        subresource = ref.subresource if ref is not None else None
        if subresource in ("binding", "eviction"):
            found = thing(look, self.kind, name_of(look) or "")
            node = clip(text(mapping(look.see(request_body), "target").get("name")))
            bound = Spec(node=node, partial=True) if subresource == "binding" and node else None
            if found.name:
                yield Fact(found, "changed" if subresource == "binding" else "gone", actor(look), bound)
            return
        spec = read_spec(look)
        if subresource and spec is not None:  # what an ephemeral container may do, the others may not
            spec = Spec(containers=spec.containers, partial=True)
        became = "changed" if subresource else look.see(change)
        named = subject_of(look, self.kind)
        if named is not None:
            yield Fact(named, became, actor(look), spec)
        elif spec is not None and spec.generated:
            yield Fact(thing(look, self.kind, spec.generated + UNNAMED), became, actor(look), spec)
