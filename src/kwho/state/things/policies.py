"""Admission policies and their bindings: which requests they look at, and what they do about them."""

from collections.abc import Iterator
from typing import Self

import msgspec

from kwho.state.fact import Fact, Lasting
from kwho.state.things import CHANGED, actor, change, is_partial, subject_of
from kwho.views import Look
from kwho.views.admission import Matching, Pattern, policy, settled
from kwho.views.body import written


class Policy(Lasting, frozen=True, gc=False):
    """A policy or a binding: the requests it looks at, its failure policy, its actions, the texts of its checks."""

    matching: Matching
    failure: str | None = None
    actions: tuple[str, ...] | None = None
    validations: tuple[str, ...] | None = None
    partial: bool = False

    def onto(self, former: Self) -> Self:
        """What was known, with what a part tells in its place."""
        return msgspec.structs.replace(
            self,
            matching=self.matching.onto(former.matching),
            failure=self.failure or former.failure,
            actions=former.actions if self.actions is None else self.actions,
            validations=former.validations if self.validations is None else self.validations,
        )


class Policies:
    """Finds facts about admission policies and their bindings, named with their resource."""

    kind = "policies"
    condition = (
        "target:validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingadmissionpolicies,"
        f"mutatingadmissionpolicybindings {CHANGED}"
    )
    resources = tuple(
        ("admissionregistration.k8s.io", resource)
        for resource in (
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
        )
    )

    def observe(self, look: Look) -> Iterator[Fact]:
        """The policy or binding that is written or deleted."""
        ref = look.event.objectRef
        found = subject_of(look, self.kind, f"{ref.resource if ref is not None else ''}/")
        if found is not None:
            yield Fact(found, look.see(change), actor(look), _content(look))


def _content(look: Look) -> Policy | None:
    told = look.see(policy) if look.see(written) is not None else None
    if told is None:
        return None
    partial = look.see(is_partial)
    matching = told.matching if partial else settled(told.matching, rules=(Pattern(),))
    return Policy(matching, told.failure, told.actions, told.validations, partial)
