"""From a manifest to the path of the API that takes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

_IRREGULAR: Final = {
    "Ingress": "ingresses",
    "NetworkPolicy": "networkpolicies",
    "StorageClass": "storageclasses",
    "Endpoints": "endpoints",
}

Manifest = dict[str, Any]


def read(folder: Path) -> Iterator[Manifest]:
    """Every document of the YAML files of a folder, in the order of their names."""
    for path in sorted(folder.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            yield from (document for document in yaml.safe_load_all(file) if document)


def collection(kind: str, api: str = "v1", namespace: str = "") -> str:
    """The path of a collection: `collection("Role", "rbac.authorization.k8s.io/v1", "shop")`."""
    root = "/api/v1" if api == "v1" else f"/apis/{api}"
    return f"{root}{f'/namespaces/{namespace}' if namespace else ''}/{_plural(kind)}"


def path_of(manifest: Manifest) -> str:
    """The path of the collection into which a manifest is created."""
    return collection(manifest["kind"], manifest["apiVersion"], manifest["metadata"].get("namespace", ""))


def pod(name: str, image: str, *, namespace: str = "", **spec: Any) -> Manifest:
    """A pod with one container; `spec` is added to its spec."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    body = {"containers": [{"name": name, "image": image}], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": body}


def workload(kind: str, name: str, image: str, **spec: Any) -> Manifest:
    """A Deployment, DaemonSet, StatefulSet, Job or CronJob with one container; `spec` is added to the pod's."""
    labels = {"app": name}
    pod_spec = {"containers": [{"name": name, "image": image}], **spec}
    if kind in ("Job", "CronJob"):
        job = {"template": {"spec": {"restartPolicy": "Never", **pod_spec}}}
        whole = job if kind == "Job" else {"schedule": "*/1 * * * *", "jobTemplate": {"spec": job}}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": name}, "spec": whole}
    template = {"metadata": {"labels": labels}, "spec": pod_spec}
    body: Manifest = {"selector": {"matchLabels": labels}, "template": template}
    if kind == "StatefulSet":
        body["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": body}


def binding(
    name: str, role: str, subjects: list[Manifest], *, cluster: bool = True, role_kind: str = "ClusterRole"
) -> Manifest:
    """A ClusterRoleBinding or RoleBinding."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding" if cluster else "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role},
        "subjects": subjects,
    }


def user(name: str) -> Manifest:
    """A subject of kind User."""
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}


def group(name: str) -> Manifest:
    """A subject of kind Group."""
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name}


def account(namespace: str, name: str) -> Manifest:
    """A subject of kind ServiceAccount."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def role(name: str, rules: list[Manifest], *, cluster: bool = True) -> Manifest:
    """A ClusterRole or Role."""
    kind = "ClusterRole" if cluster else "Role"
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules}


def _plural(kind: str) -> str:
    return _IRREGULAR.get(kind) or (kind[:-1].lower() + "ies" if kind.endswith("Policy") else kind.lower() + "s")
