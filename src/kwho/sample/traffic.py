"""The ordinary life of the cluster: what runs by the clock, what reconciles, what watches.

Asks are written in the short form of `request.Ask`, with ` = CODE` behind when it is not 200. In the tables a missing
place stands for the object of that name of every application, `@` for each application namespace, and `@NAME` for
the object NAME in each of them; a list without a place is one of the whole cluster.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from typing import Final

from kwho.sample.cast import Cast, anonymous
from kwho.sample.chance import seeded
from kwho.sample.cluster import APPS, CONTROL_PLANE, CONTROLLERS, DISCOVERY, OPERATORS, VERSION, Operator
from kwho.sample.request import Ask, Identity, Template, template
from kwho.sample.rhythm import Item, Scribe, periodic, scattered, watching

_EQUAL: Final = 16
"""Every ask of a table stands for this many choices, however many objects it covers."""

_LEASE: Final = "?timeout=5s"
_KUBELET: Final = (
    "patch core/pods/status",
    "patch core/pods/status",
    "get core/pods",
    "create core/events @ = 201",
    "create core/serviceaccounts/token @default = 201",
    "create authentication.k8s.io/tokenreviews = 201",
    "create authorization.k8s.io/subjectaccessreviews = 201",
    "get core/secrets @registry-credentials",
    "get core/configmaps @settings = 404",
)
_NODE_WATCHES: Final = (
    "core/configmaps payments/kube-root-ca.crt",
    "core/secrets payments/registry-credentials",
    "core/services",
    "node.k8s.io/runtimeclasses",
)
_LEADERS: Final = {
    "kube-controller-manager": (
        "core/pods",
        "core/secrets",
        "core/configmaps",
        "core/nodes",
        "core/namespaces",
        "core/serviceaccounts",
        "apps/deployments",
        "apps/replicasets",
        "apps/daemonsets",
        "batch/jobs",
        "batch/cronjobs",
        "rbac.authorization.k8s.io/clusterroles",
        "discovery.k8s.io/endpointslices",
    ),
    "kube-scheduler": (
        "core/pods",
        "core/nodes",
        "core/namespaces",
        "core/services",
        "core/persistentvolumes",
        "core/persistentvolumeclaims",
        "apps/replicasets",
        "apps/statefulsets",
        "policy/poddisruptionbudgets",
        "storage.k8s.io/storageclasses",
        "storage.k8s.io/csinodes",
    ),
}
"""Components that elect a leader, and what their informers watch."""

_SWEEPERS: Final = ("generic-garbage-collector", "resourcequota-controller")
_NODE_SHARE: Final = 0.12
_CONTROLLER_SHARE: Final = 0.22


def asks(text: str) -> list[Ask]:
    """The requests that one line of a table stands for."""
    spec, _, code = text.partition(" = ")
    verb, what, *places = spec.split(" ")
    status = int(code or 200)
    apps = [(namespace, app) for namespace, names in APPS.items() for app in names]
    if places and not places[0].startswith("@"):
        named = places
    elif places:
        named = [f"{namespace}/{places[0][1:]}" for namespace in APPS]
    elif verb == "list" or what.startswith("/") or what.endswith("reviews"):
        named = [""]
    else:
        named = [f"{namespace}/{app}" for namespace, app in apps]
    return [Ask(f"{verb} {what} {place}".rstrip(), status) for place in named]


def choices(who: Identity, lines: tuple[str, ...]) -> list[Template]:
    """Templates in which every line of a table has the same weight."""
    return [template(who, ask) for line in lines for ask in islice(cycle(asks(line)), _EQUAL)]


def life(cast: Cast, rng: Random, start: int, rate: float) -> list[Iterator[Item]]:
    """Every actor that never stops; `rate` is the mean of all requests a second that the reconcilers fill up to."""
    nodes = 4 + int(max(0.0, rate - 8) / 4)
    clockwork = [*_components(cast), *_nodes(cast, nodes), *_operators_by_the_clock(cast)]
    steady = sum(len(turn) / period for period, turn in clockwork)
    actors = [periodic(Scribe(_split(rng)), period, turn, start) for period, turn in clockwork]
    watches = [watching(Scribe(_split(rng)), who, what, start) for who, what in _watches(cast, nodes)]
    free = max(0.5, rate - steady - len(watches) / 200)
    actors += [scattered(Scribe(_split(rng)), free * share, lines, start) for share, lines in _reconcilers(cast, nodes)]
    return actors + watches


def _split(rng: Random) -> Random:
    return seeded(rng.getrandbits(64))


def _lease(who: Identity, namespace: str, name: str) -> list[Template]:
    place = f"coordination.k8s.io/leases {namespace}/{name}"
    return [template(who, Ask(f"{verb} {place}", query=_LEASE)) for verb in ("get", "update")]


def _components(cast: Cast) -> list[tuple[float, list[Template]]]:
    probe, server = anonymous(CONTROL_PLANE, "kube-probe/1.33"), cast.api_server()
    kubernetes = (
        "get core/namespaces /default",
        "get core/services default/kubernetes",
        "get core/endpoints default/kubernetes",
        "get discovery.k8s.io/endpointslices default/kubernetes",
    )
    sweep = [template(cast.controller(name), Ask(f"get {path}")) for name in _SWEEPERS for path in ("/api", "/apis")]
    tracker = cast.account("argocd", "argocd-application-controller", OPERATORS[1].agent)
    return [
        (1.0, [template(probe, Ask("get /readyz"))]),
        (10.0, [template(probe, Ask("get /livez"))]),
        (10.0, [template(server, Ask(spec)) for spec in kubernetes]),
        (30.0, sweep),
        (30.0, [template(tracker, Ask(f"get {path}", query="?timeout=32s")) for path in DISCOVERY]),
        *((2.03, _lease(cast.component(name), "kube-system", name)) for name in _LEADERS),
    ]


def _nodes(cast: Cast, count: int) -> Iterator[tuple[float, list[Template]]]:
    for number in range(1, count + 1):
        who, name = cast.node(number), f"worker-{number}"
        lease = f"update coordination.k8s.io/leases kube-node-lease/{name}"
        yield 10.25, [template(who, Ask(lease, query="?timeout=10s"))]
        yield 10.2, [template(who, Ask(f"get core/nodes /{name}", query="?resourceVersion=0&timeout=10s"))]
        yield 300.0, [template(who, Ask(f"patch core/nodes/status /{name}", query="?timeout=10s"))]


def _operators_by_the_clock(cast: Cast) -> Iterator[tuple[float, list[Template]]]:
    for operator in OPERATORS:
        if operator.lease:
            name, period = operator.lease
            yield period, _lease(_account(cast, operator), operator.namespace, name)


def _watches(cast: Cast, nodes: int) -> Iterator[tuple[Identity, str]]:
    for number in range(1, nodes + 1):
        yield from ((cast.node(number), what) for what in _NODE_WATCHES)
    for name, watches in _LEADERS.items():
        who = cast.component(name)._replace(agent=f"{name}/{VERSION}/shared-informers")
        yield from ((who, what) for what in watches)
    for operator in OPERATORS:
        yield from ((_account(cast, operator), what) for what in operator.watches)


def _reconcilers(cast: Cast, nodes: int) -> Iterator[tuple[float, list[Template]]]:
    for number in range(1, nodes + 1):
        yield _NODE_SHARE / nodes, choices(cast.node(number), _KUBELET)
    for name, lines in CONTROLLERS.items():
        yield _CONTROLLER_SHARE / len(CONTROLLERS), choices(cast.controller(name), lines)
    whole = sum(operator.weight for operator in OPERATORS) / (1 - _NODE_SHARE - _CONTROLLER_SHARE)
    for operator in OPERATORS:
        yield operator.weight / whole, choices(_account(cast, operator), operator.asks)


def _account(cast: Cast, operator: Operator) -> Identity:
    return cast.account(operator.namespace, operator.name, operator.agent)
