"""Acts that show how the API server audits: each is played once, and its Audit-IDs are kept beside the log.

What the log must then say is written as tests; the same tests read a fresh run and the runs kept with the project.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from lab.client import APPLY, JSON_PATCH, Answer, Client, Identity
from lab.cluster import Plan
from lab.laboratory import Laboratory
from lab.manifests import binding, group, pod, role, user, workload
from lab.process import wait_for
from lab.record import audit_ids
from lab.session import copy_logs, session
from lab.streams import exec_path, run, spdy
from lab.webhook import Fault

_SPACE: Final = "library"
_CORE: Final = f"/api/v1/namespaces/{_SPACE}"
_OUTSIDE: Final = "203.0.113.77"
_PATIENCE: Final = 30.0  # seconds that the API server waits for an answer of the webhook
_ROLES: Final = "/apis/rbac.authorization.k8s.io/v1"


@dataclass
class Bench:
    """A small cluster with a reader who may little, and the notes of what was sent."""

    lab: Laboratory
    said: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.admin = self.lab.admin_client()
        self.reader = self.client(self.lab.login("alice"))

    def client(self, identity: Identity, agent: str = "curl/8.10.1", **headers: str) -> Client:
        """A client outside; underscores in the names of headers are dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(identity, _OUTSIDE, agent, self.lab.plane.ca, headers=named)

    def note(self, act: str, *answers: Answer) -> None:
        """Keep what the answers of an act were."""
        self.said[act] = [(answer.audit_id, answer.code) for answer in answers]


Act = Callable[[Bench], Iterator[Answer]]


def _reads(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/configmaps")


def _expired_login(bench: Bench) -> Iterator[Answer]:
    yield bench.client(bench.lab.login("alice", seconds=-60)).get(f"{_CORE}/configmaps")


def _wrong_token(bench: Bench) -> Iterator[Answer]:
    yield bench.client(Identity("nobody", "no-such-token")).get("/api/v1/pods")


def _bad_timeout(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/configmaps?timeout=soon")


def _basic_auth(bench: Bench) -> Iterator[Answer]:
    word = base64.b64encode(b"admin:admin").decode()
    yield bench.client(Identity("nobody"), Authorization=f"Basic {word}").get("/api/v1/pods")


def _anonymous(bench: Bench) -> Iterator[Answer]:
    nobody = bench.client(Identity("nobody"))
    yield nobody.get("/version")
    yield nobody.get("/api/v1/secrets")


def _watch(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.watch(f"{_CORE}/configmaps", 1)
    yield bench.admin.get("/api/v1/watch/namespaces/library/configmaps?timeoutSeconds=1")


def _log(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/pods/shelf/log")


def _exec_websocket(bench: Bench) -> Iterator[Answer]:
    yield run(bench.admin, _SPACE, "shelf", ["ls", "/a b"])


def _exec_spdy(bench: Bench) -> Iterator[Answer]:
    yield spdy(bench.admin, exec_path(_SPACE, "shelf", ["ls"]))


def _exec_missing(bench: Bench) -> Iterator[Answer]:
    yield run(bench.admin, _SPACE, "no-such-pod", ["ls"])


def _reused_id(bench: Bench) -> Iterator[Answer]:
    first = bench.admin.get(f"{_CORE}/configmaps/book")
    yield first
    path = f"{_CORE}/configmaps/spare"
    yield bench.admin.send("DELETE", path, None, {"Audit-ID": first.audit_id})


def _any_id(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/configmaps", headers={"Audit-ID": "not a uuid; " + "x" * 300})


def _forwarded(bench: Bench) -> Iterator[Answer]:
    claims = {"X_Forwarded_For": "10.9.8.7, nonsense, 10.9.8.6", "X_Real_Ip": "10.9.8.5"}
    yield bench.client(Identity("nobody"), **claims).get("/version")


def _long_agent(bench: Bench) -> Iterator[Answer]:
    yield bench.client(bench.lab.login("alice"), agent="a" * 3000).get("/version")


def _forbidden(bench: Bench) -> Iterator[Answer]:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}}
    yield bench.reader.post("/api/v1/namespaces/kube-system/configmaps", body)


def _generated_name(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"{_CORE}/configmaps", _configmap("") | {"metadata": {"generateName": "page-"}})


def _named(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"{_CORE}/configmaps", _configmap("named"))


def _apply_json(bench: Bench) -> Iterator[Answer]:
    yield _apply(bench.admin, json.dumps(_configmap("applied")).encode(), "applied")


def _apply_yaml(bench: Bench) -> Iterator[Answer]:
    yield _apply(bench.admin, yaml.safe_dump(_configmap("from-yaml")).encode(), "from-yaml")
    yield bench.admin.get(f"{_CORE}/configmaps/from-yaml")


def _broken_patch(bench: Bench) -> Iterator[Answer]:
    time.sleep(3)  # in a batch of its own
    yield bench.admin.patch(f"{_CORE}/configmaps/book", b"{broken")


def _selected(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/configmaps?fieldSelector=metadata.name%3Dbook")


def _table(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/secrets", table=True)
    yield bench.admin.get(f"{_CORE}/secrets")


def _patches(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.patch(f"{_CORE}/configmaps/book", [{"op": "add", "path": "/data/a", "value": "1"}], JSON_PATCH)
    yield bench.admin.patch(f"{_CORE}/configmaps/book", {"data": {"b": "2"}})


def _deletes(bench: Bench) -> Iterator[Answer]:
    bench.admin.post(f"{_CORE}/configmaps", _configmap("old"))
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
    yield bench.admin.delete(f"{_CORE}/configmaps/old", body)


def _dry_runs(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"{_CORE}/configmaps?dryRun=All", _configmap("dry"))
    yield bench.admin.get(f"{_CORE}/configmaps/dry")
    yield bench.admin.post(f"{_CORE}/configmaps?x=dryRun=All", _configmap("wet"))
    yield bench.admin.get(f"{_CORE}/configmaps/wet")
    body = {"apiVersion": "v1", "kind": "DeleteOptions"}
    yield bench.admin.delete(f"{_CORE}/configmaps/wet?dryRun=All", body)
    yield bench.admin.get(f"{_CORE}/configmaps/wet")


def _impersonation(bench: Bench) -> Iterator[Answer]:
    bench.admin.headers = {"Impersonate-User": "reader", "Impersonate-Group": "readers"}
    yield bench.admin.get(f"{_CORE}/configmaps")
    bench.admin.headers = {"Impersonate-Group": "readers"}
    yield bench.admin.get(f"{_CORE}/configmaps")
    bench.admin.headers = {}
    yield bench.client(bench.lab.login("alice"), Impersonate_User="admin").get(f"{_CORE}/configmaps")


def _token(bench: Bench) -> Iterator[Answer]:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    made = bench.admin.post(f"{_CORE}/serviceaccounts/default/token", body)
    yield made
    status: Any = made.json["status"]
    yield bench.client(Identity("default", status["token"])).get(f"{_CORE}/configmaps")


def _legacy_token(bench: Bench) -> Iterator[Answer]:
    path = f"{_CORE}/secrets/card"
    wait_for("token", lambda: b'"token":' in bench.admin.get(path).body, 20, pause=0.3)
    data: Any = bench.admin.get(path).json["data"]
    yield bench.client(Identity("default", base64.b64decode(data["token"]).decode())).get(f"{_CORE}/configmaps")


def _pod_security(bench: Bench) -> Iterator[Answer]:
    body = pod("root", "example.com/x:1", namespace=_SPACE, hostNetwork=True)
    yield bench.admin.post(f"{_CORE}/pods", body)
    yield bench.admin.post(f"{_CORE}/pods", pod("plain", "example.com/x:1", namespace=_SPACE))


def _template(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"/apis/apps/v1/namespaces/{_SPACE}/deployments", workload("Deployment", "d", "x:1"))


def _failed_open(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"{_CORE}/services", {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]},
    })  # fmt: skip


def _deprecated(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.get(f"{_CORE}/endpoints")


def _urls(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.send("HEAD", f"{_CORE}/configmaps/book")
    yield bench.admin.get("/api/v1/namespaces/librar%79/configmaps/bo%6Fk")
    yield bench.admin.get(f"{_CORE}/unicorns/one")
    yield bench.admin.send("OPTIONS", f"{_CORE}/configmaps")
    yield bench.admin.get("/api/v1/namespaces/library")


def _cut_short(bench: Bench) -> Iterator[Answer]:
    yield bench.admin.post(f"{_CORE}/configmaps", _configmap("atlas") | {"data": {"k": "v" * 60_000}})


def _busy_receiver(bench: Bench) -> Iterator[Answer]:
    bench.lab.plane.receiver.inbox.faults["busy-receiver"] = Fault(429)
    time.sleep(3)  # in a batch of its own
    yield bench.admin.get(f"{_CORE}/configmaps/book", headers={"Audit-ID": "busy-receiver"})


def _slow_receiver(bench: Bench) -> Iterator[Answer]:
    bench.lab.plane.receiver.inbox.faults["slow-receiver"] = Fault(seconds=_PATIENCE + 1)
    time.sleep(3)  # in a batch of its own
    yield bench.admin.get(f"{_CORE}/configmaps/book", headers={"Audit-ID": "slow-receiver"})
    time.sleep(3 + _PATIENCE + 5)  # the longest wait for a batch, the server's patience, and what it waits then


def _escalation(bench: Bench) -> Iterator[Answer]:
    yield bench.reader.post(f"{_ROLES}/clusterrolebindings", binding("up", "cluster-admin", [user("alice")]))


ACTS: Final[dict[str, Act]] = {
    "reads": _reads,
    "expired-login": _expired_login,
    "wrong-token": _wrong_token,
    "bad-timeout": _bad_timeout,
    "basic-auth": _basic_auth,
    "anonymous": _anonymous,
    "watch": _watch,
    "log": _log,
    "exec-websocket": _exec_websocket,
    "exec-spdy": _exec_spdy,
    "exec-missing": _exec_missing,
    "reused-id": _reused_id,
    "any-id": _any_id,
    "forwarded": _forwarded,
    "long-agent": _long_agent,
    "forbidden": _forbidden,
    "generated-name": _generated_name,
    "named": _named,
    "apply-json": _apply_json,
    "selected": _selected,
    "table": _table,
    "patches": _patches,
    "deletes": _deletes,
    "dry-runs": _dry_runs,
    "impersonation": _impersonation,
    "token": _token,
    "legacy-token": _legacy_token,
    "pod-security": _pod_security,
    "template": _template,
    "failed-open": _failed_open,
    "deprecated": _deprecated,
    "urls": _urls,
    "escalation": _escalation,
    "cut-short": _cut_short,
    "busy-receiver": _busy_receiver,
    "slow-receiver": _slow_receiver,
    "broken-patch": _broken_patch,
    "apply-yaml": _apply_yaml,  # these last: up to 1.36 the webhook loses every event of their batch
}


def observe(plan: Plan, version: str, target: Path) -> None:
    """Play every act; write said.json, and those lines of audit.log and webhook.jsonl that belong to an act."""
    target.mkdir(parents=True, exist_ok=True)
    with session(plan) as lab:
        bench = Bench(lab)
        _prepare(bench)
        for name, act in ACTS.items():
            bench.note(name, *act(bench))
        plane = lab.plane
        wanted = {audit_id for answers in bench.said.values() for audit_id, _ in answers}
        plane.flush()
        copy_logs(plane, target)
        files = len(plane.logs())
    _keep_only(target, wanted)
    said = {"kubernetes": version, "files": files, "refused": plane.receiver.inbox.refused, "acts": bench.said}
    (target / "said.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def observing(plan: Plan) -> Plan:
    """The plan of an observation: one node, everything logged; the log cuts long events, the webhook refuses once."""
    return Plan(
        plan.binaries,
        plan.policy,
        plan.version,
        nodes=("node-1",),
        log_megabytes=1,
        tokens=plan.tokens,
        webhook_backoff="1s",
        answer=lambda number: 500 if number == 2 else 200,
        extra_flags=("--audit-log-truncate-enabled=true", "--audit-log-truncate-max-event-size=100000"),
    )


def _prepare(bench: Bench) -> None:
    admin = bench.admin
    labels = {"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/audit": "restricted"}
    admin.post(
        "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _SPACE, "labels": labels}}
    )
    for name in ("book", "spare"):
        admin.post(f"{_CORE}/configmaps", _configmap(name))
    notes = {"kubernetes.io/service-account.name": "default"}
    card = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "card", "annotations": notes}}
    wait_for("account", lambda: admin.get(f"{_CORE}/serviceaccounts/default").ok, 30, pause=0.3)
    admin.post(f"{_CORE}/secrets", card | {"type": "kubernetes.io/service-account-token"})
    admin.post(f"{_CORE}/pods", pod("shelf", "example.com/shelf:1", namespace=_SPACE))
    hook = {
        "name": "s.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Ignore",
        "timeoutSeconds": 1, "clientConfig": {"service": {"name": "gone", "namespace": _SPACE}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}],
    }  # fmt: skip
    kind = "ValidatingWebhookConfiguration"
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "s"},
        "webhooks": [hook],
    }
    admin.post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", body)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
    admin.post(f"{_ROLES}/clusterroles", role("reader", rules))
    admin.post(f"{_ROLES}/clusterrolebindings", binding("readers", "reader", [group("readers")]))
    wait_for("pod", lambda: b'"phase":"Running"' in admin.get(f"{_CORE}/pods/shelf").body, 60, pause=0.5)


def _configmap(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "v"}}


def _apply(client: Client, body: bytes, name: str) -> Answer:
    path = f"{_CORE}/configmaps/{name}?fieldManager=librarian"
    return client.send("PATCH", path, body, {"Content-Type": APPLY})


def _keep_only(target: Path, wanted: set[str]) -> None:
    log = target / "audit.log"
    lines = log.read_bytes().splitlines(keepends=True)
    kept = [line for line, audit_id in zip(lines, audit_ids(log), strict=True) if audit_id in wanted]
    log.write_bytes(b"".join(kept))
    batches = []
    for line in (target / "webhook.jsonl").read_bytes().splitlines():
        batch = json.loads(line)
        items = [item for item in batch["items"] if item["auditID"] in wanted]
        if items:
            batches.append(json.dumps(batch | {"items": items}, separators=(",", ":")))
    (target / "webhook.jsonl").write_text("".join(f"{line}\n" for line in batches), encoding="utf-8")
