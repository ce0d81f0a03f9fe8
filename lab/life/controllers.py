"""What every controller does besides its work: it renews its lease, and keeps a watch on each kind it looks at."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from typing import Final

from lab.cast import AGENTS
from lab.client import Client
from lab.discovery import ask
from lab.life import Day, Live, in_pod

_WATCH: Final = (60, 599)  # seconds that a watch lives in the published trace; the day is squeezed, and so are they
_SQUEEZED: Final = 4

_LEASES: Final = {
    # name of the lease: namespace and application of its holder, seconds between two renewals
    "cert-manager-controller": ("cert-manager", "cert-manager", 15.03),
    "cert-manager-cainjector-leader-election": ("cert-manager", "cert-manager", 15.03),
    "orders-operator": ("shop", "orders-operator", 2.03),
}

_INFORMERS: Final = {
    # name of the program: namespace, application, key of its agent, paths
    "prometheus": ("monitoring", "prometheus", "prometheus", ("api/v1/pods", "api/v1/services", "api/v1/endpoints")),
    "state-metrics": (
        "monitoring",
        "prometheus",
        "kube-state-metrics",
        (
            "api/v1/pods",
            "api/v1/nodes",
            "api/v1/namespaces",
            "api/v1/configmaps",
            "apis/apps/v1/deployments",
            "apis/apps/v1/replicasets",
            "apis/apps/v1/statefulsets",
            "apis/batch/v1/jobs",
            "apis/batch/v1/cronjobs",
        ),
    ),
    "cert-manager": (
        "cert-manager",
        "cert-manager",
        "cert-manager",
        (
            "api/v1/secrets",
            "apis/certificates.k8s.io/v1/certificatesigningrequests",
            "apis/cert-manager.io/v1/certificates",
            "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        ),
    ),
    "argocd": (
        "argocd",
        "argocd-application-controller",
        "argocd",
        ("apis/argoproj.io/v1alpha1/applications", "apis/apps/v1/deployments", "api/v1/services", "api/v1/configmaps"),
    ),
    "operator": (
        "shop",
        "orders-operator",
        "operator",
        ("apis/shop.example.com/v1/orders", "apis/apps/v1/deployments", "api/v1/secrets", "api/v1/configmaps"),
    ),
    "vendor": ("vendor-agent", "vendor-agent", "vendor", ("api/v1/pods", "api/v1/nodes")),
}


def _lead(namespace: str, app: str, name: str, period: float, day: Day) -> None:
    """Take the lease, then read and renew it at its period, as client-go did until 1.29."""
    client = in_pod(day, namespace, app)
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    spec = {"holderIdentity": f"{app}_{day.chance.getrandbits(32):08x}", "leaseDurationSeconds": 15}
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": spec}
    if client.get(f"{path}/{name}").code == 404:
        client.post(path, lease)
    while day.pulse(period):
        found = client.get(f"{path}/{name}").json
        client.put(f"{path}/{name}", found | {"spec": spec | {"renewTime": _now()}})


def _inform(namespace: str, app: str, agent: str, path: str, day: Day) -> None:
    """Learn, list, then watch; a watch that ends is opened again where it ended."""
    client = in_pod(day, namespace, app)
    client.agent, client.patience = AGENTS[agent], 2 * _WATCH[1] / _SQUEEZED
    ask(client)
    version = ""
    while not day.stop.is_set():
        if not version:
            version = _version(client.get(f"/{path}?limit=500&resourceVersion=0").json)
        if not version:  # the kind is not served yet
            day.pulse(1)
            continue
        seconds = min(day.chance.uniform(*_WATCH) / _SQUEEZED, day.left + 1)
        version = _watch(client, f"/{path}?allowWatchBookmarks=true&resourceVersion={version}", int(seconds))


def _watch(client: Client, path: str, seconds: int) -> str:
    """The version that a watch had reached at its end; empty when the server refused it or said that it is too old."""
    lines = client.watch(path, seconds).body.splitlines()
    version = path.rpartition("=")[2]
    return _version(json.loads(lines[-1]).get("object", {})) if lines else version


def _version(found: dict[str, object]) -> str:
    metadata = found.get("metadata")
    return str(metadata.get("resourceVersion", "")) if isinstance(metadata, dict) else ""


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


WORK: dict[str, Live] = {
    **{f"lease {name}": partial(_lead, space, app, name, period) for name, (space, app, period) in _LEASES.items()},
    **{
        f"{name} {path}": partial(_inform, space, app, agent, path)
        for name, (space, app, agent, paths) in _INFORMERS.items()
        for path in paths
    },
}
