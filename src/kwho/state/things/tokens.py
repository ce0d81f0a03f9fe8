"""Tokens of service accounts that were asked for: by whom, for how long, bound to what, under which credential id.

What kubelets ask for the pods of their node is left out: it is most of all tokens, and says nothing new.
"""

from collections.abc import Iterator
from typing import Final, Self

import msgspec

from kwho.state.fact import Fact, clip, clip_all
from kwho.state.things import actor, name_of, thing
from kwho.views import Look
from kwho.views.token import token_request

ISSUED: Final = "authentication.kubernetes.io/issued-credential-id"


class Token(msgspec.Struct, frozen=True, gc=False):
    """One token: its credential id (`JTI=…`), audiences, lifetime in seconds, and the object it dies with."""

    credential: str | None = None
    audiences: tuple[str, ...] = ()
    seconds: int | None = None
    bound_to: str | None = None
    partial: bool = False

    @property
    def plain(self) -> bool:
        """A token that somebody asked for is never plain."""
        return False

    def onto(self, _former: Self, /) -> Self:
        """Tokens do not build on one another."""
        return self


class Tokens:
    """Finds tokens that were issued; the thing has the namespace and the name of the service account."""

    kind = "tokens"
    condition = "verb:create target:serviceaccounts/token accepted:true -principal.kind:node"
    resources = ()

    def observe(self, look: Look) -> Iterator[Fact]:
        """The token that is issued."""
        name, asked = name_of(look), look.see(token_request)
        credential = (look.event.annotations or {}).get(ISSUED)
        if name:
            told = Token(clip(credential), clip_all(asked.audiences), asked.seconds, clip(asked.bound_to))
            yield Fact(thing(look, self.kind, name), "used", actor(look), told)
