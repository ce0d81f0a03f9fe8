"""Role bindings and cluster role bindings: whom they give which role."""

from collections.abc import Iterator
from typing import Self

from kwho.state.fact import LONGEST, Fact, Lasting, clip
from kwho.state.things import CHANGED, actor, change, is_partial, subject_of
from kwho.views import Look
from kwho.views.binding import binding
from kwho.views.body import Json, request_body, written

SUBJECTS = 1_000
"""Subjects of one binding that are kept."""


class Binding(Lasting, frozen=True, gc=False):
    """The role as `Kind/name`; subjects as `User:name`, `Group:name`, `ServiceAccount:namespace/name`.

    `replaces`: a part that tells all subjects, as a merge patch does.
    """

    role: str | None = None
    subjects: tuple[str, ...] = ()
    capped: bool = False
    partial: bool = False
    replaces: bool = False

    def onto(self, former: Self) -> Self:
        """The subjects replaced (merge patch) or added to (JSON patch); the role of a binding never changes."""
        subjects = self.subjects if self.replaces else tuple(dict.fromkeys((*former.subjects, *self.subjects)))
        partial = former.partial or not self.replaces
        return Binding(self.role or former.role, subjects[:SUBJECTS], self.capped or former.capped, partial)  # type: ignore[return-value]  # Self is Binding


class Bindings:
    """Finds facts about bindings; those of the whole cluster stand outside of all namespaces."""

    kind = "bindings"
    condition = f"target:rolebindings,clusterrolebindings {CHANGED}"
    resources = (("rbac.authorization.k8s.io", "rolebindings"), ("rbac.authorization.k8s.io", "clusterrolebindings"))

    def observe(self, look: Look) -> Iterator[Fact]:
        """The binding that is written or deleted."""
        found = subject_of(look, self.kind)
        if found is not None:
            yield Fact(found, look.see(change), actor(look), _content(look))


def _content(look: Look) -> Binding | None:
    if look.see(written) is None:
        return None
    told = look.see(binding)
    subjects = tuple(subject[:LONGEST] for subject in told.subjects[:SUBJECTS])
    replaces = _replaces(look.see(request_body))
    partial = look.see(is_partial) and not (told.role and replaces)
    return Binding(clip(told.role), subjects, len(told.subjects) > SUBJECTS, partial, replaces)


def _replaces(patch: Json) -> bool:
    """True for a merge or apply patch that brings subjects: the list is replaced as a whole."""
    return isinstance(patch, dict) and isinstance(patch.get("subjects"), list)
