"""Programs that live on the API: monitoring, GitOps, CI, backup, operators, probes, a scanner, a vendor's agent."""

from __future__ import annotations

from lab.cast import AGENTS, RUNNERS
from lab.client import APPLY, MERGE, Client, Identity
from lab.life import Day, Live
from lab.manifests import Manifest, workload

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"


def _in_pod(day: Day, namespace: str, app: str) -> Client:
    running = day.lab.running(namespace, app)
    return Client(running.identity, running.address, running.agent, day.lab.plane.ca, keeps_login=True)


def _probes(day: Day) -> None:
    client = Client(Identity("system:anonymous"), "10.0.0.10", "kube-probe/1.36", day.lab.plane.ca)
    count = 0
    while day.pulse(1.0):
        client.get("/readyz")
        if count % 10 == 0:
            client.get("/livez")
        count += 1


def _prometheus(day: Day) -> None:
    client = _in_pod(day, "monitoring", "prometheus")
    nodes = client.get("/api/v1/nodes").names
    while day.pulse(15):
        client.get("/metrics")
        for node in nodes:
            client.get(f"/api/v1/nodes/{node}/proxy/metrics")


def _prometheus_discovery(day: Day) -> None:
    client = _in_pod(day, "monitoring", "prometheus")
    while not day.stop.is_set():
        for kind in ("pods", "services", "endpoints"):
            version = client.get(f"/api/v1/{kind}?limit=500&resourceVersion=0").json
            client.watch(f"/api/v1/{kind}?resourceVersion={version['metadata']['resourceVersion']}", 20)  # type: ignore[index]
            if day.stop.is_set():
                return


def _argocd(day: Day) -> None:
    client = _in_pod(day, "argocd", "argocd-application-controller")
    while day.rest(12):
        client.get("/version")
        for name in ("web", "cart"):
            path = f"/apis/apps/v1/namespaces/shop/deployments/{name}"
            client.get(path)
            if day.chance.random() < 0.4:
                tracking = {"argocd.argoproj.io/tracking-id": f"shop:apps/Deployment:shop/{name}"}
                body: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment"}
                body["metadata"] = {"name": name, "namespace": "shop", "annotations": tracking}
                client.send("PATCH", f"{path}?fieldManager=argocd-controller&force=true", body, {"Content-Type": APPLY})


def _ci(day: Day) -> None:
    """Releases: a new image, then waiting for the rollout, then the release's record in a secret, as Helm keeps it."""
    running = day.lab.running("ci", "runner")
    release = 10
    while day.rest(20):
        client = Client(running.identity, day.chance.choice(RUNNERS), AGENTS["ci"], day.lab.plane.ca)
        release += 1
        client.get("/version")
        client.get("/api/v1/namespaces/shop/secrets?labelSelector=name%3Dcart%2Cowner%3Dhelm")
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"sh.helm.release.v1.cart.v{release}", "labels": {"name": "cart", "owner": "helm"}},
            "type": "helm.sh/release.v1",
            "stringData": {"release": "made-up"},
        }
        client.post("/api/v1/namespaces/shop/secrets", secret)
        image = f"registry.example.com/shop/cart:4.2.{release}"
        body = {"spec": {"template": {"spec": {"containers": [{"name": "cart", "image": image}]}}}}
        path = "/apis/apps/v1/namespaces/shop/deployments/cart"
        client.patch(path, body, "application/strategic-merge-patch+json")
        for _ in range(4):
            if not day.pulse(1):
                break
            client.get(path)
        client.close()


def _backup(day: Day) -> None:
    """Every so often a backup that reads everything, all secrets included."""
    client = _in_pod(day, "backup", "backup")
    while day.rest(70):
        for path in (
            "api/v1/namespaces",
            "api/v1/secrets",
            "api/v1/configmaps",
            "api/v1/pods",
            "apis/apps/v1/deployments",
        ):
            client.get(f"/{path}?limit=500")


def _operator(day: Day) -> None:
    client = _in_pod(day, "shop", "orders-operator")
    leases = _LEASES.format("shop")
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "orders-operator"},
        "spec": {},
    }
    client.post(leases, lease)
    while day.pulse(5):
        found = client.get(f"{leases}/orders-operator").json
        client.put(f"{leases}/orders-operator", found)
        if day.chance.random() < 0.3:
            client.get("/apis/apps/v1/namespaces/shop/deployments/cart")
            client.get("/api/v1/namespaces/shop/secrets/orders-db")


def _cert_manager(day: Day) -> None:
    client = _in_pod(day, "cert-manager", "cert-manager")
    while not day.stop.is_set():
        version = client.get("/api/v1/secrets?limit=500&resourceVersion=0").json
        client.watch(f"/api/v1/secrets?resourceVersion={version['metadata']['resourceVersion']}", 25)  # type: ignore[index]
        client.patch(
            "/api/v1/namespaces/shop/secrets/web-session", {"metadata": {"annotations": {"renewed": "yes"}}}, MERGE
        )


def _state_metrics(day: Day) -> None:
    client = _in_pod(day, "monitoring", "prometheus")
    client.agent = AGENTS["kube-state-metrics"]
    while not day.stop.is_set():
        client.watch("/apis/apps/v1/deployments", 20)
        client.get("/apis/batch/v1/jobs?limit=500")


def _vendor(day: Day) -> None:
    client = _in_pod(day, "vendor-agent", "vendor-agent")
    while day.rest(10):
        client.get("/api/v1/nodes?limit=500")
        client.get("/api/v1/pods?limit=500")
        client.get("/api/v1/namespaces/kube-system")


def _cluster_jobs(day: Day) -> None:
    """The data team's own scheduler starts jobs through the API of its service account."""
    client = _in_pod(day, "data", "etl")
    number = 0
    while day.rest(40):
        number += 1
        client.post(
            "/apis/batch/v1/namespaces/data/jobs", workload("Job", f"load-{number}", "registry.example.com/data/load:7")
        )
        client.get(f"/apis/batch/v1/namespaces/data/jobs/load-{number}")


def _web_pods(day: Day) -> None:
    while day.rest(8):
        client = _in_pod(day, "shop", "web")
        client.get("/api/v1/namespaces/shop/configmaps/web-config")
        client.get("/api/v1/namespaces/shop/secrets/web-session")
        client.close()


WORK: dict[str, Live] = {
    "probes": _probes,
    "prometheus": _prometheus,
    "prometheus-discovery": _prometheus_discovery,
    "argocd": _argocd,
    "ci": _ci,
    "backup": _backup,
    "operator": _operator,
    "cert-manager": _cert_manager,
    "state-metrics": _state_metrics,
    "vendor": _vendor,
    "etl": _cluster_jobs,
    "web": _web_pods,
}
