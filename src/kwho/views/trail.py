"""What an event leaves for others to follow: the credential it was made with, and the identities it gave away."""

from collections.abc import Iterator
from typing import Final

from kwho.views import Look
from kwho.views.binding import binding
from kwho.views.body import mapping, mappings, text, written_object
from kwho.views.certificate import subject
from kwho.views.outcome import outcome
from kwho.views.principal import ANONYMOUS, SERVICE_ACCOUNT, UNAUTHENTICATED, account
from kwho.views.token import CREDENTIAL_ID, CREDENTIAL_POD, credential

ISSUED: Final = "authentication.kubernetes.io/issued-credential-id"
BELONGS: Final = "kubernetes.io/service-account.name"

Mark = tuple[str, str]
"""A kind and a value.

`verb`; `credential` (its id); `pod` (`namespace/name` to which the credential is bound); `issued` (the id of a
credential that was handed out); `token`, `grant`, `certificate`, `account` (a user name that the request opened a way
to); `owner` (`namespace/resource/name` of what owns the written object).
"""


def trail(look: Look) -> tuple[Mark, ...]:
    """Everything the event leaves; identities only when the request succeeded."""
    return tuple(dict.fromkeys(_marks(look)))


def _marks(look: Look) -> Iterator[Mark]:
    event = look.event
    if event.verb:
        yield "verb", event.verb
    for found in credential(look, CREDENTIAL_ID):
        yield "credential", found
    namespace = look.see(account).namespace
    if namespace is not None:
        for pod in credential(look, CREDENTIAL_POD):
            yield "pod", f"{namespace}/{pod}"
    issued = (event.annotations or {}).get(ISSUED)
    if issued:
        yield "issued", issued
    if look.see(outcome) in ("success", "open"):
        yield from _given(look)
        yield from _owners(look)


def _given(look: Look) -> Iterator[Mark]:
    """The identities that a successful request opened a way to."""
    ref = look.event.objectRef
    resource, namespace, name = (ref.resource, ref.namespace, ref.name) if ref is not None else (None, None, None)
    if resource == "serviceaccounts" and look.event.verb == "create" and namespace and name:
        kind = "token" if ref is not None and ref.subresource == "token" else "account"
        yield kind, f"{SERVICE_ACCOUNT}{namespace}:{name}"
    for given in look.see(binding).subjects:
        named = _user_of(given)
        if named is not None:
            yield "grant", named
    for name in look.see(subject).common_names:
        yield "certificate", name
    if resource == "secrets" and namespace:
        notes = mapping(look.see(written_object), "metadata", "annotations")
        owner = text(notes.get(BELONGS))
        if owner:
            yield "token", f"{SERVICE_ACCOUNT}{namespace}:{owner}"


def _user_of(given: str) -> str | None:
    """The user name of a subject of a binding; of groups only that of everybody without credentials."""
    kind, _, name = given.partition(":")
    if kind == "ServiceAccount" and "/" in name:
        return f"{SERVICE_ACCOUNT}{name.replace('/', ':', 1)}"
    if kind == "Group":
        return ANONYMOUS if name == UNAUTHENTICATED else None
    return name or None


def _owners(look: Look) -> Iterator[Mark]:
    """What owns a written object; resources are the plural of the kind, as those of workloads are."""
    ref = look.event.objectRef
    if ref is None or look.event.verb != "create" or ref.subresource:
        return
    for owner in mappings(mapping(look.see(written_object), "metadata").get("ownerReferences")):
        kind, name = text(owner.get("kind")), text(owner.get("name"))
        if kind and name:
            yield "owner", f"{ref.namespace or ''}/{kind.lower()}s/{name}"
