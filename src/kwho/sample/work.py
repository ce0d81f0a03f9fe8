"""What people and pipelines do: sessions in working hours, and rollouts that set controllers and nodes to work."""

from collections.abc import Callable, Iterator
from heapq import merge
from random import Random
from typing import Final

from kwho.sample import bodies
from kwho.sample.cast import Cast
from kwho.sample.chance import seeded
from kwho.sample.cluster import APPS, DISCOVERY, PEOPLE
from kwho.sample.request import Ask, Identity, template
from kwho.sample.rhythm import HOUR, MINUTE, SECOND, Item, Scribe, episodes, script

HELM: Final = "Helm/3.18.6"
REGISTRY: Final = "registry.example.com"

_DAY: Final = 24 * HOUR
_SATURDAY: Final = 5
_OPENS, _CLOSES = 7, 17
_ROLLOUTS: Final = 5 * 60.0
_JOBS: Final = 4 * 60.0
_STREAMS: Final = ("/log", "/exec", "/portforward")

_TEAMS: Final = {
    "platform": tuple(APPS),
    "payments-developers": ("payments",),
    "shop-developers": ("checkout", "catalog", "frontend"),
    "support": ("frontend", "legacy"),
}
_EVERYBODY: Final = (
    ("list core/pods {ns}/",),
    ("list core/pods {ns}/", "get core/pods {pod}", "get core/pods/log {pod}"),
    ("get apps/deployments {ns}/{app}", "list apps/replicasets {ns}/", "list core/events {ns}/"),
    ("get core/pods {pod}-x = 404", "list core/pods {ns}/"),
    ("get core/configmaps {ns}/settings", "list core/services {ns}/", "list networking.k8s.io/ingresses {ns}/"),
)
_COMMANDS: Final = {
    "platform": (
        ("list core/nodes", "get core/nodes /worker-2", "list core/pods"),
        ("get apps/deployments {ns}/{app}", "patch apps/deployments {ns}/{app}", "list core/pods {ns}/"),
        ("get apps/deployments/scale {ns}/{app}", "patch apps/deployments/scale {ns}/{app}"),
        ("get core/configmaps kube-system/coredns", "list core/events kube-system/"),
        ("list core/persistentvolumes", "list storage.k8s.io/storageclasses", "list core/namespaces"),
    ),
    "payments-developers": (
        ("get apps/deployments {ns}/{app}", "patch apps/deployments {ns}/{app}"),
        ("list core/nodes = 403",),
        ("get core/secrets {ns}/gateway-credentials = 403",),
    ),
    "shop-developers": (
        ("get apps/deployments {ns}/{app}", "update apps/deployments {ns}/{app} = 409"),
        ("get core/pods {pod}", "get core/pods/portforward {pod} = 101"),
    ),
    "support": (("list core/pods {ns}/", "get core/pods/log {pod}"),),
}
_CHART: Final = (
    "get core/namespaces /{ns}",
    "list core/secrets {ns}/",
    "get core/serviceaccounts {ns}/{app}",
    "patch core/serviceaccounts {ns}/{app}",
    "get core/configmaps {ns}/settings",
    "patch core/configmaps {ns}/settings",
    "get core/services {ns}/{app}",
    "patch core/services {ns}/{app}",
    "get policy/poddisruptionbudgets {ns}/{app} = 404",
    "create policy/poddisruptionbudgets {ns}/{app} = 409",
    "get networking.k8s.io/ingresses {ns}/{app} = 404",
    "get autoscaling/horizontalpodautoscalers {ns}/{app}",
    "patch autoscaling/horizontalpodautoscalers {ns}/{app}",
    "get apps/deployments {ns}/{app}",
    "patch apps/deployments {ns}/{app}",
    "create core/secrets {ns}/sh.helm.release.v1.{app}.v{number} = 201",
    "update core/secrets {ns}/sh.helm.release.v1.{app}.v{number}",
)


def working(cast: Cast, rng: Random, start: int) -> list[Iterator[Item]]:
    """Every actor that comes and goes: each person, the delivery pipeline, and the scheduled jobs."""
    split = [seeded(rng.getrandbits(64)) for _ in range(len(PEOPLE) + 2)]
    people = [_person(cast.person(name), Scribe(own), start) for name, own in zip(PEOPLE, split[2:], strict=True)]
    pipeline, jobs = Rollouts(cast, Scribe(split[0])), Rollouts(cast, Scribe(split[1]))
    return [
        *people,
        episodes(start, lambda _: split[0].expovariate(1 / _ROLLOUTS), pipeline.deploy),
        episodes(start, lambda _: split[1].expovariate(1 / _JOBS), jobs.job),
    ]


def at_work(rng: Random, mean: float) -> Callable[[int], float]:
    """Seconds until something comes that happens every `mean` seconds, from 7 to 17 h UTC from Monday to Friday."""

    def wait(now: int) -> float:
        then = now + int(rng.expovariate(1 / mean) * SECOND)
        day, moment = divmod(then, _DAY)
        if moment >= _CLOSES * HOUR:
            day, moment = day + 1, -1
        while (day + 3) % 7 >= _SATURDAY:
            day, moment = day + 1, -1
        opening = _OPENS * HOUR + int(rng.random() * 45 * MINUTE)
        return (day * _DAY + (opening if moment < _OPENS * HOUR else moment) - now) / SECOND

    return wait


def ask(spec: str, **names: object) -> Ask:
    """One line of a table, its names filled in and the usual body attached."""
    text, _, code = spec.format(**names).partition(" = ")
    if not text.startswith("patch apps/deployments ") or code:
        return Ask(text, int(code or 200))
    namespace, app = text.split(" ")[2].split("/")
    image = f"{REGISTRY}/{namespace}/{app}:2.{names.get('number', 7)}"
    body = bodies.workload("Deployment", namespace, app, bodies.pod_spec(app, image, app))
    change = {"spec": {"template": {"spec": {"containers": [{"name": app, "image": image}]}}}}
    return Ask(text, sent=bodies.encode(change), answered=bodies.encode(body))


def _person(who: Identity, scribe: Scribe, start: int) -> Iterator[Item]:
    team = (who.user.groups or ("",))[0]
    commands = (*_EVERYBODY, *_EVERYBODY, *_COMMANDS[team])
    return episodes(start, at_work(scribe.rng, 240), lambda begin: _session(who, scribe, commands, begin))


def _session(who: Identity, scribe: Scribe, commands: tuple[tuple[str, ...], ...], begin: int) -> Iterator[Item]:
    rng = scribe.rng
    namespace = rng.choice(_TEAMS[(who.user.groups or ("",))[0]])
    app = rng.choice(APPS[namespace])
    names = {"ns": namespace, "app": app, "pod": f"{namespace}/{app}-7c9d5b64f8-x2k{rng.randrange(2, 10)}z"}
    if rng.random() < 0.3:
        for item in script(scribe, begin, [(0.004, template(who, Ask(f"get {path}"))) for path in ("/api", "/apis")]):
            begin = item.begin
            yield item
    for _ in range(rng.randrange(1, 6)):
        for spec in rng.choice(commands):
            begin += int(rng.triangular(0.05, 20, 1) * SECOND)
            what = ask(spec, **names)
            if what.spec.split(" ")[1].endswith(_STREAMS):
                yield from scribe.stream(who, what, begin, begin + rng.randrange(SECOND, 90 * SECOND))
            else:
                yield scribe.write(begin, template(who, what))


class Rollouts:
    """Deployments by the pipeline and scheduled jobs, each with all that follows from it in the cluster."""

    def __init__(self, cast: Cast, scribe: Scribe) -> None:
        self._cast = cast
        self._scribe = scribe
        self._release = 40
        self._deployer = cast.account("ci", "deployer", HELM)
        self._sweep = [template(self._deployer, Ask(f"get {path}", query="?timeout=32s")) for path in DISCOVERY]

    def deploy(self, begin: int) -> Iterator[Item]:
        """A chart is upgraded: discovery, some writes, then new pods for old ones."""
        rng = self._scribe.rng
        namespace = rng.choice(list(APPS))
        app = rng.choice(APPS[namespace])
        self._release += 1
        names = {"ns": namespace, "app": app, "number": self._release}
        discovery = [what for _ in range(rng.randrange(2, 7)) for what in rng.sample(self._sweep, len(self._sweep))]
        steps = [(rng.expovariate(1 / 0.0025), what) for what in discovery]
        steps += [(rng.uniform(0.01, 0.12), template(self._deployer, ask(spec, **names))) for spec in _CHART]
        pipeline = list(script(self._scribe, begin, steps))
        changed = pipeline[-1].begin
        new, old = (f"{app}-{self._scribe.hex(10)}" for _ in range(2))
        controller = self._cast.controller("deployment-controller")
        follow = [
            (0.05, template(controller, Ask(f"create apps/replicasets {namespace}/{new}", 201))),
            (0.03, template(controller, Ask(f"update apps/deployments/status {namespace}/{app}"))),
            (0.5, template(controller, Ask(f"update apps/replicasets {namespace}/{old}", rng.choice((200, 200, 409))))),
        ]
        births = [self._birth(changed + (1 + 6 * pod) * SECOND, namespace, app, new) for pod in range(2)]
        deaths = [self._death(changed + (5 + 6 * pod) * SECOND, namespace, app, old) for pod in range(2)]
        yield from pipeline
        yield from merge(script(self._scribe, changed, follow), *births, *deaths, key=lambda item: item.begin)

    def job(self, begin: int) -> Iterator[Item]:
        """A CronJob is due: a job, its pod, and the oldest of the earlier ones goes."""
        name = f"etl-loader-{begin // MINUTE}"
        owner, controller = self._cast.controller("cronjob-controller"), self._cast.controller("job-controller")
        first = (0.02, template(owner, Ask(f"create batch/jobs data/{name}", 201)))
        yield from script(self._scribe, begin, [first])
        for item in self._birth(begin + SECOND // 2, "data", "etl-loader", name, "job-controller"):
            begin = item.begin
            yield item
        last = [
            (0.3, template(controller, Ask(f"update batch/jobs/status data/{name}"))),
            (0.2, template(owner, Ask("update batch/cronjobs/status data/etl-loader"))),
            (0.1, template(owner, Ask(f"delete batch/jobs data/etl-loader-{begin // MINUTE - 30}"))),
            (0.4, template(controller, Ask(f"delete core/pods data/{name}-0"))),
        ]
        yield from script(self._scribe, begin, last)

    def _birth(
        self, begin: int, namespace: str, app: str, owner: str, by: str = "replicaset-controller"
    ) -> Iterator[Item]:
        rng, cast = self._scribe.rng, self._cast
        number = rng.randrange(1, 5)
        name = f"{owner}-{self._scribe.hex(5)}"
        place, kubelet, scheduler = f"{namespace}/{name}", cast.node(number), cast.component("kube-scheduler")
        spec = bodies.pod_spec(app, f"{REGISTRY}/{namespace}/{app}:2.{self._release}", app)
        kind = "Job" if by == "job-controller" else "ReplicaSet"
        wanted, body = (bodies.pod(namespace, owner, kind, spec, known) for known in ("", name))
        made = Ask(f"create core/pods {namespace}/", 201, sent=wanted, answered=body)
        event, status = f"create core/events {namespace}/ = 201", f"patch core/pods/status {place}"
        steps: list[tuple[float, Identity, Ask]] = [
            (0.02, cast.controller(by), made),
            (0.01, cast.controller(by), ask(event)),
            (0.03, scheduler, Ask(f"create core/pods/binding {place}", 201)),
            (0.02, scheduler, ask(event)),
            (0.1, kubelet, Ask(f"get core/pods {place}")),
            (0.05, kubelet, Ask(f"create core/serviceaccounts/token {namespace}/{app}", 201)),
            (0.1, kubelet, Ask(status)),
            (0.9, kubelet, ask(event)),
            (1.2, kubelet, ask(event)),
            (0.2, kubelet, Ask(status)),
            (3.0, cast.controller("endpointslice-controller"), _slices(namespace, app, rng)),
            (0.1, kubelet, Ask(status)),
        ]
        return script(self._scribe, begin, ((gap, template(who, what)) for gap, who, what in steps))

    def _death(self, begin: int, namespace: str, app: str, owner: str) -> Iterator[Item]:
        rng, cast = self._scribe.rng, self._cast
        kubelet, place = cast.node(rng.randrange(1, 5)), f"{namespace}/{owner}-{self._scribe.hex(5)}"
        steps: list[tuple[float, Identity, Ask]] = [
            (0.02, cast.controller("replicaset-controller"), Ask(f"delete core/pods {place}")),
            (0.02, cast.controller("replicaset-controller"), ask(f"create core/events {namespace}/ = 201")),
            (0.1, cast.controller("endpointslice-controller"), _slices(namespace, app, rng)),
            (0.3, kubelet, Ask(f"patch core/pods/status {place}")),
            (0.2, kubelet, ask(f"create core/events {namespace}/ = 201")),
            (2.5, kubelet, Ask(f"delete core/pods {place}")),
        ]
        return script(self._scribe, begin, ((gap, template(who, what)) for gap, who, what in steps))


def _slices(namespace: str, app: str, rng: Random) -> Ask:
    return Ask(f"update discovery.k8s.io/endpointslices {namespace}/{app}", rng.choice((200, 200, 200, 409)))
