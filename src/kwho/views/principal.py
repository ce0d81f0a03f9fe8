"""Who acts: the kind of an identity, its parts, and whose rights were used."""

from typing import Final, NamedTuple

from kwho.schema.event import User
from kwho.schema.finding import PrincipalKind
from kwho.views import Look
from kwho.views.outcome import DECISION

ANONYMOUS: Final = "system:anonymous"
UNAUTHENTICATED: Final = "system:unauthenticated"
SERVICE_ACCOUNT: Final = "system:serviceaccount:"
NODE: Final = "system:node:"
NODES: Final = "system:nodes"

_REASON: Final = "authorization.k8s.io/reason"
_REFUSAL: Final = "cannot impersonate"


class Account(NamedTuple):
    """The parts of a service account's or a node's user name; a node has no namespace."""

    namespace: str | None
    name: str | None


def kind_of(user: User | None) -> PrincipalKind:
    """The kind of an identity by its name and groups, compared exactly; nobody at all is anonymous."""
    name = user.username if user is not None else None
    if user is None or not name or name == ANONYMOUS:
        return "anonymous"
    groups = user.groups or ()
    if UNAUTHENTICATED in groups:
        return "anonymous"
    if name.startswith(SERVICE_ACCOUNT):
        return "service_account"
    if name.startswith(NODE) and NODES in groups:
        return "node"
    return "system" if name.startswith("system:") else "human"


def principal_kind(look: Look) -> PrincipalKind:
    """The kind of the authenticated caller."""
    return kind_of(look.event.user)


def account(look: Look) -> Account:
    """Namespace and name of the calling service account, or the name of the calling node."""
    user = look.event.user
    kind = look.see(principal_kind)
    if user is None or not user.username:
        return Account(None, None)
    if kind == "node":
        return Account(None, user.username.removeprefix(NODE))
    namespace, colon, name = user.username.removeprefix(SERVICE_ACCOUNT).partition(":")
    if kind != "service_account" or not colon or ":" in name:
        return Account(None, None)
    return Account(namespace, name)


def effective(look: Look) -> User | None:
    """The identity whose rights were used: the impersonated one when there is one, else the caller."""
    impersonated = look.event.impersonatedUser
    return impersonated if impersonated is not None else look.event.user


def impersonation(look: Look) -> bool:
    """True when the caller was allowed to act as somebody else."""
    return look.event.impersonatedUser is not None


def impersonation_refused(look: Look) -> bool:
    """True when the server refused the caller to act as somebody else, before any authorization of the request."""
    event = look.event
    status = event.responseStatus
    if status is None or status.code != 403 or event.impersonatedUser is not None:
        return False
    annotations = event.annotations or {}
    return DECISION not in annotations and _REASON not in annotations and _REFUSAL in (status.message or "")
