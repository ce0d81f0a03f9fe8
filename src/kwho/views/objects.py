"""What other written objects say: labels, annotations, owners, services, and where webhooks point."""

from collections.abc import Iterator
from typing import Final

from kwho.views import Look
from kwho.views.body import Concern, Json, concerns, mapping, mappings, pairs, text, texts, written_object

_SERVICES: Final = Concern(frozenset({"services"}), frozenset({""}), frozenset({"Service"}))
_NAMESPACES: Final = Concern(frozenset({"namespaces"}), frozenset({""}), frozenset({"Namespace"}))
_WEBHOOKS: Final = Concern(
    resources=frozenset({"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}),
    groups=frozenset({"admissionregistration.k8s.io"}),
    kinds=frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}),
)


def target(look: Look) -> str | None:
    """`resource` or `resource/subresource`; None for requests that name no resource."""
    ref = look.event.objectRef
    if ref is None or not ref.resource:
        return None
    return f"{ref.resource}/{ref.subresource}" if ref.subresource else ref.resource


def target_kind(look: Look) -> str | None:
    """`group/resource` or `group/resource/subresource`; the group of core resources is written `core`."""
    ref, bare = look.event.objectRef, target(look)
    return None if ref is None or bare is None else f"{ref.apiGroup or 'core'}/{bare}"


def key(look: Look) -> str | None:
    """`namespace/name`, the name alone without a namespace; None where the request names no object."""
    ref = look.event.objectRef
    if ref is None or not ref.name:
        return None
    return f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name


def labels(look: Look) -> tuple[str, ...]:
    """Labels of the written object as `key=value`."""
    return pairs(mapping(look.see(written_object), "metadata").get("labels"))


def annotations(look: Look) -> tuple[str, ...]:
    """Annotations of the written object as `key=value`."""
    return pairs(mapping(look.see(written_object), "metadata").get("annotations"))


def owner_kinds(look: Look) -> tuple[str, ...]:
    """Kinds of the objects that own the written one."""
    owners = mappings(mapping(look.see(written_object), "metadata").get("ownerReferences"))
    return _unique(text(owner.get("kind")) for owner in owners)


def namespace_labels(look: Look) -> tuple[str, ...]:
    """Labels of the written namespace as `key=value`."""
    return labels(look) if concerns(look, _NAMESPACES) else ()


def service_type(look: Look) -> str | None:
    """The type of the written service, where it says one."""
    return text(mapping(look.see(written_object), "spec").get("type")) if concerns(look, _SERVICES) else None


def external_ips(look: Look) -> tuple[str, ...]:
    """Addresses whose traffic the written service takes."""
    return texts(mapping(look.see(written_object), "spec").get("externalIPs")) if concerns(look, _SERVICES) else ()


def webhook_urls(look: Look) -> tuple[str, ...]:
    """URLs outside the cluster that the written configuration sends requests to."""
    return _unique(text(mapping(webhook, "clientConfig").get("url")) for webhook in _webhooks(look))


def webhook_services(look: Look) -> tuple[str, ...]:
    """Services that the written configuration sends requests to, as `namespace/name`."""
    services = (mapping(webhook, "clientConfig", "service") for webhook in _webhooks(look))
    return _unique(
        f"{text(service.get('namespace')) or ''}/{text(service.get('name')) or ''}" for service in services if service
    )


def webhook_failure_policies(look: Look) -> tuple[str, ...]:
    """What happens when a webhook of the written configuration cannot be reached."""
    return _unique(text(webhook.get("failurePolicy")) for webhook in _webhooks(look))


def _webhooks(look: Look) -> Iterator[dict[str, Json]]:
    return mappings(look.see(written_object).get("webhooks")) if concerns(look, _WEBHOOKS) else iter(())


def _unique(values: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
