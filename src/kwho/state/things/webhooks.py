"""Admission webhooks: where they send requests, which ones, and what happens when nobody answers."""

from collections.abc import Iterator
from typing import Self

import msgspec

from kwho.state.fact import MOST, Fact, Lasting, clip_all
from kwho.state.things import CHANGED, actor, change, is_partial, subject_of
from kwho.views import Look
from kwho.views.admission import Hook, hooks, settled
from kwho.views.body import written
from kwho.views.objects import webhook_failure_policies, webhook_services, webhook_urls


class Webhook(Lasting, frozen=True, gc=False):
    """URLs outside of the cluster, services as `namespace/name`, failure policies and webhooks of one configuration."""

    urls: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    failure_policies: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    partial: bool = False

    def onto(self, former: Self) -> Self:
        """What was known and what is added."""
        return msgspec.structs.replace(
            former,
            urls=tuple(dict.fromkeys((*former.urls, *self.urls))),
            services=tuple(dict.fromkeys((*former.services, *self.services))),
            failure_policies=self.failure_policies or former.failure_policies,
            hooks=tuple(_laid(self.hooks, former.hooks))[:MOST],
            partial=True,
        )


class Webhooks:
    """Finds facts about admission webhook configurations, named with their resource."""

    kind = "webhooks"
    condition = f"target:mutatingwebhookconfigurations,validatingwebhookconfigurations {CHANGED}"
    resources = (
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    )

    def observe(self, look: Look) -> Iterator[Fact]:
        """The configuration that is written or deleted."""
        ref = look.event.objectRef
        found = subject_of(look, self.kind, f"{ref.resource if ref is not None else ''}/")
        if found is not None:
            yield Fact(found, look.see(change), actor(look), _content(look))


def _content(look: Look) -> Webhook | None:
    if look.see(written) is None:
        return None
    return Webhook(
        clip_all(webhook_urls(look)),
        clip_all(webhook_services(look)),
        clip_all(webhook_failure_policies(look)),
        look.see(hooks) if look.see(is_partial) else tuple(map(_whole, look.see(hooks))),
        look.see(is_partial),
    )


def _whole(hook: Hook) -> Hook:
    return hook._replace(matching=settled(hook.matching))


def _laid(told: tuple[Hook, ...], former: tuple[Hook, ...]) -> Iterator[Hook]:
    """Each webhook with what a patch says of it: by name, else by its place in a list of the same length."""
    named = {hook.name: hook for hook in told if hook.name}
    for place, hook in enumerate(former):
        new = named.pop(hook.name, None)
        if new is None and len(told) == len(former) and not told[place].name:
            new = told[place]
        if new is None:
            yield hook
        elif not new.removed:
            yield Hook(hook.name, new.matching.onto(hook.matching), new.failure or hook.failure)
    yield from (_whole(hook) for hook in named.values() if not hook.removed)
