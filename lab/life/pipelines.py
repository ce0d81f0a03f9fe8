"""Releases: a pipeline with a Helm of today, and one with a Helm that nobody has upgraded for years."""

from __future__ import annotations

from typing import Final

from lab.cast import AGENTS, RUNNERS
from lab.client import STRATEGIC, Client
from lab.discovery import ask, walk
from lab.life import Day, Live
from lab.manifests import Manifest, path_of

_KEPT: Final = 5  # releases


def _today(day: Day) -> None:
    """A new image, then waiting for the rollout. Every run starts in a fresh container and learns in two requests."""
    running = day.lab.running("ci", "runner")
    release = 0
    while day.rest(30):
        client = Client(running.identity, day.chance.choice(RUNNERS), AGENTS["ci"], day.lab.plane.ca)
        release += 1
        client.get("/version")
        ask(client)
        client.get("/openapi/v3?timeout=32s")
        _begin(client, "shop", "cart", release)
        image = f"registry.example.com/shop/cart:4.2.{release}"
        body = {"spec": {"template": {"spec": {"containers": [{"name": "cart", "image": image}]}}}}
        path = "/apis/apps/v1/namespaces/shop/deployments/cart"
        client.patch(path, body, STRATEGIC)
        for _ in range(4):
            if not day.pulse(1):
                break
            client.get(path)
        _end(client, "shop", "cart", release)
        client.close()


def _of_old(day: Day) -> None:
    """Many small releases by Helm 3.8, which walks all group versions anew for every phase of a release."""
    release = 0
    while day.rest(6):
        client = Client(day.lab.static("payments-ci"), day.chance.choice(RUNNERS), AGENTS["old-ci"], day.lab.plane.ca)
        release += 1
        client.get("/version?timeout=32s")
        walk(client)
        client.get("/openapi/v2?timeout=32s")
        _begin(client, "payments", "ledger", release)
        for name in ("ledger-routes", "ledger-limits", "ledger-flags", f"ledger-{release}")[: day.chance.randint(2, 4)]:
            walk(client)
            _apply(client, _part(name, release))
        client.get("/apis/apps/v1/namespaces/payments/deployments/ledger")
        _end(client, "payments", "ledger", release)
        client.close()


def _part(name: str, release: int) -> Manifest:
    metadata = {"name": name, "namespace": "payments", "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"release": str(release)}}


def _apply(client: Client, part: Manifest) -> None:
    """Look first; make what is not there, change what is."""
    path = f"{path_of(part)}/{part['metadata']['name']}"
    if client.get(path).ok:
        client.patch(path, {"data": part["data"]}, STRATEGIC)
    else:
        client.post(path_of(part), part)


def _begin(client: Client, namespace: str, chart: str, release: int) -> None:
    """Look for earlier releases and write the record of this one, as Helm keeps it in secrets."""
    base = f"/api/v1/namespaces/{namespace}/secrets"
    client.get(f"{base}?labelSelector=name%3D{chart}%2Cowner%3Dhelm")
    client.post(base, _record(namespace, chart, release, "pending-upgrade"))


def _end(client: Client, namespace: str, chart: str, release: int) -> None:
    """This release is deployed, the one before is superseded, and of the old ones few are kept."""
    base = f"/api/v1/namespaces/{namespace}/secrets/sh.helm.release.v1.{chart}.v"
    client.put(f"{base}{release}", _record(namespace, chart, release, "deployed"))
    if release > 1:
        client.put(f"{base}{release - 1}", _record(namespace, chart, release - 1, "superseded"))
    if release > _KEPT:
        client.delete(f"{base}{release - _KEPT}")


def _record(namespace: str, chart: str, release: int, status: str) -> Manifest:
    labels = {"name": chart, "owner": "helm", "status": status, "version": str(release)}
    metadata = {"name": f"sh.helm.release.v1.{chart}.v{release}", "namespace": namespace, "labels": labels}
    data = {"release": "made-up"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "helm.sh/release.v1",
        "stringData": data,
    }


WORK: dict[str, Live] = {"today": _today, "of-old": _of_old}
