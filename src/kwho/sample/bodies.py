"""The objects that requests carry: pods and the workloads that make them, roles and bindings, as compact JSON."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

Json = Mapping[str, object]

CERTIFICATE_REQUEST: Final = (
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIcE1JR1FBZ0VBTUM0eEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6"
    "TVJNd0VRWURWUVFEREFwdgpjSE10YUdWc2NHVnlNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVlZU5STEE4K1NDVS9jTXUzClh5"
    "SXpReFlwdW42dzV2clR0MVFocW9weW1zSjZ2eGNnYTVLTWFhaG1KZ3BWNml0bkN5K28yNlorUjZpQW5TODgKN0dJVXNhQUFNQW9HQ0NxR1NNNDlC"
    "QU1DQTBnQU1FVUNJUURkTlVhUS9sbXlVSDVRaktYSWo3SUU5cUxSc3QwNAp1em4zWm1zWGNJL2xoUUlnQW4rTHdVR3EzOEx0WDhTNW1GS3hOOVpN"
    "clZOZXBqVWZ1dDJ1NENYRlRBND0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
)
"""A real request for the subject O=system:masters, CN=ops-helper, whose key was thrown away."""


_CONDITIONS: Final = ("Initialized", "PodReadyToStartContainers", "ContainersReady", "Ready", "PodScheduled")
_SINCE: Final = "2026-03-17T05:12:09Z"

STATUS: Final = msgspec.json.encode(
    {
        "status": {
            "$setElementOrder/conditions": [{"type": kind} for kind in _CONDITIONS],
            "conditions": [{"lastTransitionTime": _SINCE, "status": "True", "type": kind} for kind in _CONDITIONS],
            "containerStatuses": [
                {
                    "image": "registry.example.com/apps/main:2.7",
                    "imageID": "registry.example.com/apps/main@sha256:" + "5c" * 32,
                    "containerID": "containerd://" + "9e" * 32,
                    "lastState": {},
                    "name": "main",
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {"startedAt": _SINCE}},
                }
            ],
            "observedGeneration": 1,
            "phase": "Running",
        }
    }
)
"""What a kubelet patches into the status of a pod."""


def encode(body: Json) -> bytes:
    """Compact JSON."""
    return msgspec.json.encode(body)


def meta(name: str, namespace: str = "", /, **more: object) -> Json:
    """The metadata of an object."""
    return {"name": name, **({"namespace": namespace} if namespace else {}), **more}


def pod_spec(app: str, image: str, account: str = "default", **more: object) -> Json:
    """An ordinary hardened pod of one container."""
    container = {
        "name": app,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "PORT", "value": "8080"}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "256Mi"},
        },
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
    }
    return {
        "containers": [container],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": account,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "schedulerName": "default-scheduler",
        **more,
    }


def host_pod_spec(app: str, image: str, *command: str) -> Json:
    """A pod that owns its node: privileged, in the host's process namespace, with the root of its disk."""
    container = {
        "name": app,
        "image": image,
        "command": list(command),
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": "host", "mountPath": "/host"}],
    }
    return {
        "containers": [container],
        "hostPID": True,
        "hostNetwork": True,
        "tolerations": [{"operator": "Exists"}],
        "volumes": [{"name": "host", "hostPath": {"path": "/", "type": ""}}],
    }


def pod(namespace: str, owner: str, kind: str, spec: Json, name: str = "") -> bytes:
    """A pod that a controller creates for `owner`; without a name it is the request, where only the server names it."""
    api = "batch/v1" if kind == "Job" else "apps/v1"
    reference = {"apiVersion": api, "kind": kind, "name": owner, "controller": True, "blockOwnerDeletion": True}
    named = {"name": name} if name else {}
    metadata = {"generateName": f"{owner}-", **named, "namespace": namespace, "ownerReferences": [reference]}
    return encode({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec})


def workload(kind: str, namespace: str, app: str, spec: Json) -> Json:
    """A Deployment or DaemonSet of pods with this spec."""
    labels = {"app.kubernetes.io/name": app}
    replicas = {"replicas": 2} if kind == "Deployment" else {}
    template = {"metadata": {"labels": labels}, "spec": spec}
    body = {**replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": meta(app, namespace, labels=labels), "spec": body}


def cron_job(namespace: str, name: str, schedule: str, spec: Json) -> Json:
    """A CronJob of pods with this spec."""
    job = {"spec": {"template": {"spec": {**spec, "restartPolicy": "OnFailure"}}}}
    body = {"schedule": schedule, "concurrencyPolicy": "Forbid", "jobTemplate": job}
    return {"kind": "CronJob", "apiVersion": "batch/v1", "metadata": meta(name, namespace), "spec": body}


def binding(name: str, role: str, *subjects: Json, **notes: str) -> Json:
    """A ClusterRoleBinding of `role` to `subjects`; `notes` become annotations under change.example.com."""
    api = "rbac.authorization.k8s.io"
    annotations = {f"change.example.com/{key}": value for key, value in notes.items()}
    return {
        "kind": "ClusterRoleBinding",
        "apiVersion": f"{api}/v1",
        "metadata": meta(name, annotations=annotations) if annotations else meta(name),
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": role},
        "subjects": list(subjects),
    }


def certificate_request(name: str, approved_by: str | None = None) -> Json:
    """A CertificateSigningRequest for an administrator's client certificate, approved or not yet."""
    usages: Sequence[str] = ("client auth",)
    spec = {"request": CERTIFICATE_REQUEST, "signerName": "kubernetes.io/kube-apiserver-client", "usages": usages}
    condition = {"type": "Approved", "status": "True", "reason": "KubectlApprove", "message": f"by {approved_by}"}
    return {
        "kind": "CertificateSigningRequest",
        "apiVersion": "certificates.k8s.io/v1",
        "metadata": meta(name),
        "spec": spec,
        "status": {"conditions": [condition]} if approved_by else {},
    }
