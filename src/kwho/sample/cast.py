"""Who appears in the demo: identities as the API server sees them."""

from collections.abc import Callable
from random import Random
from typing import Final

from kwho.sample.chance import seeded
from kwho.sample.cluster import CONTROL_PLANE, PEOPLE, VERSION
from kwho.sample.request import Identity
from kwho.schema.event import User

_EXTRA: Final = "authentication.kubernetes.io/"
_AUTHENTICATED: Final = "system:authenticated"


Extra = dict[str, tuple[str, ...]]
"""What the authenticator adds to a user."""


class Cast:
    """The identities of one cluster: each is the same for the same seed, in whatever order they are asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[str, Identity] = {}

    def component(self, name: str) -> Identity:
        """`kube-scheduler` or `kube-controller-manager`, with its client certificate, about its leader election."""

        def make(rng: Random) -> Identity:
            user = User(username=f"system:{name}", groups=(_AUTHENTICATED,), extra=_certificate(rng))
            role = f"system:{name}"
            reason = f'RBAC: allowed by ClusterRoleBinding "{role}" of ClusterRole "{role}" to User "{role}"'
            return Identity(user, CONTROL_PLANE, f"{name}/{VERSION}/leader-election", reason)

        return self._remember(f"system:{name}", make)

    def api_server(self) -> Identity:
        """The API server's own loopback client."""

        def make(rng: Random) -> Identity:
            user = User(username="system:apiserver", uid=uid(rng), groups=("system:masters",))
            return Identity(user, "::1", f"kube-apiserver/{VERSION}")

        return self._remember("system:apiserver", make)

    def node(self, number: int) -> Identity:
        """The kubelet of `worker-NUMBER`; the node authorizer lets it in without a reason."""
        name = f"system:node:worker-{number}"

        def make(rng: Random) -> Identity:
            user = User(username=name, groups=("system:nodes", _AUTHENTICATED), extra=_certificate(rng))
            return Identity(user, f"10.0.{number // 200}.{20 + number % 200}", f"kubelet/{VERSION}")

        return self._remember(name, make)

    def controller(self, name: str) -> Identity:
        """A controller of the controller manager: an account of kube-system, seen from the control plane."""
        user = f"system:serviceaccount:kube-system:{name}"

        def make(rng: Random) -> Identity:
            extra: Extra = {f"{_EXTRA}credential-id": (f"JTI={uid(rng)}",)}
            agent = f"kube-controller-manager/{VERSION}/{user}"
            reason = _granted(f"system:controller:{name}", f'ServiceAccount "{name}/kube-system"')
            return Identity(_account("kube-system", name, rng, extra), CONTROL_PLANE, agent, reason)

        return self._remember(user, make)

    def account(self, namespace: str, name: str, agent: str) -> Identity:
        """A service account with a token bound to one of its pods; all its requests come from that pod."""

        def make(rng: Random) -> Identity:
            number = rng.randrange(1, 5)
            extra: Extra = {
                f"{_EXTRA}credential-id": (f"JTI={uid(rng)}",),
                f"{_EXTRA}node-name": (f"worker-{number}",),
                f"{_EXTRA}node-uid": (uid(seeded(self._seed, f"worker-{number}")),),
                f"{_EXTRA}pod-name": (f"{name}-{rng.getrandbits(36):09x}-{rng.getrandbits(20):05x}",),
                f"{_EXTRA}pod-uid": (uid(rng),),
            }
            peer = f"10.244.{number}.{rng.randrange(2, 250)}"
            reason = _granted(name, f'ServiceAccount "{name}/{namespace}"')
            return Identity(_account(namespace, name, rng, extra), peer, agent, reason)

        return self._remember(f"system:serviceaccount:{namespace}:{name}", make)

    def person(self, name: str) -> Identity:
        """One of `PEOPLE`, signed in through the company's identity provider."""
        team, peer, agent = PEOPLE[name]

        def make(rng: Random) -> Identity:
            extra: Extra = {f"{_EXTRA}credential-id": (f"JTI={uid(rng)}",)}
            user = User(username=name, groups=(team, _AUTHENTICATED), extra=extra)
            return Identity(user, peer, agent, _granted(team, f'Group "{team}"'))

        return self._remember(name, make)

    def _remember(self, name: str, make: Callable[[Random], Identity]) -> Identity:
        if name not in self._known:
            self._known[name] = make(seeded(self._seed, name))
        return self._known[name]


def anonymous(peer: str, agent: str) -> Identity:
    """Nobody: a caller without credentials."""
    return Identity(User(username="system:anonymous", groups=("system:unauthenticated",)), peer, agent)


def unknown(peer: str, agent: str) -> Identity:
    """A caller whose credentials were refused: the server writes an empty user."""
    return Identity(User(), peer, agent)


def uid(rng: Random) -> str:
    """A UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _certificate(rng: Random) -> Extra:
    return {f"{_EXTRA}credential-id": (f"X509SHA256={rng.getrandbits(256):064x}",)}


def _granted(name: str, subject: str) -> str:
    return f'RBAC: allowed by ClusterRoleBinding "{name}" of ClusterRole "{name}" to {subject}'


def _account(namespace: str, name: str, rng: Random, extra: Extra) -> User:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", _AUTHENTICATED)
    return User(username=f"system:serviceaccount:{namespace}:{name}", uid=uid(rng), groups=groups, extra=extra)
