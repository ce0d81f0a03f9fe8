"""Tokens of service accounts that were asked for: by whom, for how long, bound to what, under which credential id.

What kubelets ask for the pods of their node is left out: it is most of all tokens, and says nothing new.
"""

from collections.abc import Iterator

from kwho.state.fact import Fact, Lone, clip, clip_all
from kwho.state.things import actor, name_of, thing
from kwho.views import Look
from kwho.views.token import token_request
from kwho.views.trail import ISSUED


class Token(Lone, frozen=True, gc=False):
    """One token: its credential id (`JTI=…`), audiences, lifetime in seconds, and the object it dies with."""

    credential: str | None = None
    audiences: tuple[str, ...] = ()
    seconds: int | None = None
    bound_to: str | None = None
    partial: bool = False


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
