"""Uses of the tokens of pods, where they look around, move on or stay: never the daily work of a controller."""

from collections.abc import Iterator

from kwho.state.fact import Fact, Lone, clip
from kwho.state.things import actor, thing
from kwho.views import Look
from kwho.views.principal import account
from kwho.views.token import CREDENTIAL_ID, CREDENTIAL_NODE, CREDENTIAL_POD, credential


class Use(Lone, frozen=True, gc=False):
    """One request with the token of a pod: the node that the token names, and the id of the token."""

    node: str | None = None
    credential: str | None = None
    partial: bool = False


class Uses:
    """Finds uses; the thing has the namespace and the name of the pod that the token is bound to."""

    kind = "uses"
    condition = (
        "principal.kind:service_account accepted:true credential.pod:* "
        "((target:pods/exec,pods/attach,pods/portforward,nodes/proxy) or (verb:create,update,patch,delete "
        "target:pods/ephemeralcontainers,serviceaccounts,serviceaccounts/token,selfsubjectrulesreviews,roles,"
        "clusterroles,rolebindings,clusterrolebindings,daemonsets,certificatesigningrequests,"
        "certificatesigningrequests/approval,mutatingwebhookconfigurations,validatingwebhookconfigurations))"
    )
    resources = ()

    def observe(self, look: Look) -> Iterator[Fact]:
        """The use of the token, in the namespace of its account whatever the request is about."""
        pods, namespace = credential(look, CREDENTIAL_POD), look.see(account).namespace
        if len(pods) == 1 and namespace:
            found = thing(look, self.kind, pods[0])._replace(namespace=clip(namespace))
            told = Use(_first(look, CREDENTIAL_NODE), _first(look, CREDENTIAL_ID))
            yield Fact(found, "used", actor(look), told)


def _first(look: Look, key: str) -> str | None:
    return clip(next(iter(credential(look, key)), None))
