"""Programs that live on the API: monitoring, GitOps, backup, operators, probes, a vendor's agent."""

from __future__ import annotations

from lab.client import APPLY, MERGE, Client, Identity
from lab.discovery import ask, walk
from lab.life import Day, Live, in_pod
from lab.manifests import Manifest, workload


def _probes(day: Day) -> None:
    client = Client(Identity("system:anonymous"), "10.0.0.10", "kube-probe/1.36", day.lab.plane.ca)
    count = 0
    while day.pulse(1.0):
        client.get("/readyz")
        if count % 10 == 0:
            client.get("/livez")
        count += 1


def _prometheus(day: Day) -> None:
    client = in_pod(day, "monitoring", "prometheus")
    nodes = client.get("/api/v1/nodes").names
    while day.pulse(15):
        client.get("/metrics")
        for node in nodes:
            client.get(f"/api/v1/nodes/{node}/proxy/metrics")


def _argocd(day: Day) -> None:
    client = in_pod(day, "argocd", "argocd-application-controller")
    while day.rest(12):
        client.get("/version?timeout=32s")
        ask(client)
        for name in ("web", "cart"):
            path = f"/apis/apps/v1/namespaces/shop/deployments/{name}"
            client.get(path)
            if day.chance.random() < 0.4:
                tracking = {"argocd.argoproj.io/tracking-id": f"shop:apps/Deployment:shop/{name}"}
                body: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment"}
                body["metadata"] = {"name": name, "namespace": "shop", "annotations": tracking}
                client.send("PATCH", f"{path}?fieldManager=argocd-controller&force=true", body, {"Content-Type": APPLY})


def _backup(day: Day) -> None:
    """Every so often a backup that reads everything, all secrets included."""
    client = in_pod(day, "backup", "backup")
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
    """Built on a client-go of 2021: every round walks all group versions, and writes what it wrote before."""
    client = in_pod(day, "shop", "orders-operator")
    orders, secret = "/apis/shop.example.com/v1/namespaces/shop/orders", "/api/v1/namespaces/shop/secrets/orders-db"
    order = {"apiVersion": "shop.example.com/v1", "kind": "Order", "metadata": {"name": "daily"}, "spec": {"keep": 7}}
    client.post(orders, order)
    while day.rest(3):
        walk(client)
        client.put(f"{orders}/daily/status", client.get(f"{orders}/daily").json | {"status": {"at": f"{day.hour:.2f}"}})
        client.get("/apis/apps/v1/namespaces/shop/deployments/cart")
        client.put(secret, client.get(secret).json)
        client.get("/api/v1/namespaces/shop/configmaps/orders-limits")  # which nobody has made
        client.delete("/api/v1/namespaces/shop/configmaps/orders-routes")  # which an older version of it made


def _cert_manager(day: Day) -> None:
    client = in_pod(day, "cert-manager", "cert-manager")
    while day.pulse(25):
        client.patch(
            "/api/v1/namespaces/shop/secrets/web-session", {"metadata": {"annotations": {"renewed": "yes"}}}, MERGE
        )


def _vendor(day: Day) -> None:
    client = in_pod(day, "vendor-agent", "vendor-agent")
    while day.rest(10):
        client.get("/api/v1/nodes?limit=500")
        client.get("/api/v1/pods?limit=500")
        client.get("/api/v1/namespaces/kube-system")


def _cluster_jobs(day: Day) -> None:
    """The data team's own scheduler starts jobs through the API of its service account."""
    client = in_pod(day, "data", "etl")
    number = 0
    while day.rest(40):
        number += 1
        client.post(
            "/apis/batch/v1/namespaces/data/jobs", workload("Job", f"load-{number}", "registry.example.com/data/load:7")
        )
        client.get(f"/apis/batch/v1/namespaces/data/jobs/load-{number}")


def _web_pods(day: Day) -> None:
    while day.rest(8):
        client = in_pod(day, "shop", "web")
        client.get("/api/v1/namespaces/shop/configmaps/web-config")
        client.get("/api/v1/namespaces/shop/secrets/web-session")
        client.close()


WORK: dict[str, Live] = {
    "probes": _probes,
    "prometheus": _prometheus,
    "argocd": _argocd,
    "backup": _backup,
    "operator": _operator,
    "cert-manager": _cert_manager,
    "vendor": _vendor,
    "etl": _cluster_jobs,
    "web": _web_pods,
}
