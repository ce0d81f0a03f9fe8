"""Tokens that are asked for, and the credential that a request was made with."""

from typing import Final, NamedTuple

from kwho.views import Look
from kwho.views.body import Concern, concerns, mapping, text, texts, written_object

CREDENTIAL_ID: Final = "authentication.kubernetes.io/credential-id"
CREDENTIAL_POD: Final = "authentication.kubernetes.io/pod-name"
CREDENTIAL_NODE: Final = "authentication.kubernetes.io/node-name"

_REQUESTS: Final = Concern(
    resources=frozenset({"serviceaccounts"}),
    groups=frozenset({""}),
    kinds=frozenset({"TokenRequest"}),
    subresources=frozenset({"token"}),
)


class TokenRequest(NamedTuple):
    """What a token shall be good for, how long, and the object it dies with (`Kind/name`)."""

    audiences: tuple[str, ...] = ()
    seconds: int | None = None
    bound_to: str | None = None


def token_request(look: Look) -> TokenRequest:
    """The token that is asked for; empty when the event is about something else or carries no body."""
    if not concerns(look, _REQUESTS):
        return TokenRequest()
    spec = mapping(look.see(written_object), "spec")
    seconds = spec.get("expirationSeconds")
    bound = mapping(spec, "boundObjectRef")
    kind, name = text(bound.get("kind")), text(bound.get("name"))
    return TokenRequest(
        texts(spec.get("audiences")),
        seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else None,
        f"{kind or ''}/{name or ''}" if kind or name else None,
    )


def credential(look: Look, key: str) -> tuple[str, ...]:
    """What the authenticator said about the caller's credential under this key of `user.extra`."""
    user = look.event.user
    return ((user.extra if user is not None else None) or {}).get(key, ())
