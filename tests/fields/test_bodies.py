"""Fields of written objects say what the views say."""

from typing import Any

import pytest

from kwho.fields import find
from kwho.fields.bodies import BODIES

RBAC = "rbac.authorization.k8s.io"


def written(look_at: Any, resource: str, body: Any, group: str = "", subresource: str = "") -> dict[str, Any]:
    ref = {"resource": resource, "apiGroup": group, "subresource": subresource}
    look = look_at(verb="create", objectRef=ref, requestObject=body)
    return {row.name: value for row in BODIES if (value := row.read(look))}


def test_fields_of_a_pod(look_at: Any) -> None:
    context = {
        "privileged": True,
        "allowPrivilegeEscalation": True,
        "runAsUser": 0,
        "capabilities": {"add": ["ALL"]},
        "procMount": "Unmasked",
        "seccompProfile": {"type": "Unconfined"},
        "appArmorProfile": {"type": "Unconfined"},
        "windowsOptions": {"hostProcess": True},
    }
    container = {
        "name": "c",
        "image": "app:1",
        "command": ["id"],
        "stdin": True,
        "tty": True,
        "securityContext": context,
        "ports": [{"hostPort": 80}],
        "env": [{"name": "A", "value": "1"}],
    }
    flags = dict.fromkeys(("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"), True)
    volumes = [{"hostPath": {"path": "/etc/"}}]
    spec = {**flags, "serviceAccountName": "s", "volumes": volumes, "containers": [container]}
    metadata = {
        "name": "p",
        "labels": {"l": "m"},
        "annotations": {"kubernetes.io/config.mirror": "x"},
        "ownerReferences": [{"kind": "Node"}],
    }
    assert written(look_at, "pods", {"metadata": metadata, "spec": spec}) == {
        "pod.from": "requestObject",
        "pod.images": ("app:1",),
        "pod.registries": ("docker.io/library",),
        "pod.privileged": True,
        "pod.allowPrivilegeEscalation": True,
        "pod.runAsRoot": True,
        "pod.capabilities": ("ALL",),
        "pod.hostPaths": ("/etc",),
        **{f"pod.{flag}": True for flag in flags},
        "pod.hostPorts": (80,),
        "pod.procMount": ("Unmasked",),
        "pod.seccomp": ("Unconfined",),
        "pod.appArmor": ("Unconfined",),
        "pod.hostProcess": True,
        "pod.commands": ("id",),
        "pod.serviceAccount": ("s",),
        "pod.interactive": True,
        "pod.mirror": True,
        "pod.names": ("p",),
        "pod.containers": ("c",),
        "pod.annotations": ("kubernetes.io/config.mirror=x",),
        "pod.env": ("A=1",),
        "object.labels": ("l=m",),
        "object.annotations": ("kubernetes.io/config.mirror=x",),
        "object.ownerKinds": ("Node",),
    }


@pytest.mark.parametrize(
    ("resource", "group", "subresource", "body", "expected"),
    [
        (
            "roles",
            RBAC,
            "",
            {
                "rules": [
                    {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]},
                    {"verbs": ["get"], "nonResourceURLs": ["/x"]},
                ]
            },
            {"grants": ("get:core/pods",), "grants.verbs": ("get",), "grants.nonResource": ("get:/x",)},
        ),
        (
            "rolebindings",
            RBAC,
            "",
            {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "Group", "name": "g"}]},
            {"binding.role": "Role/r", "binding.role.name": "r", "binding.subjects": ("Group:g",)},
        ),
        (
            "serviceaccounts",
            "",
            "token",
            {"spec": {"audiences": ["a"], "expirationSeconds": 600, "boundObjectRef": {"kind": "Pod", "name": "p"}}},
            {"token.audiences": ("a",), "token.expirationSeconds": 600, "token.boundTo": "Pod/p"},
        ),
        (
            "services",
            "",
            "",
            {"spec": {"type": "NodePort", "externalIPs": ["203.0.113.1"]}},
            {"service.type": "NodePort", "service.externalIPs": ("203.0.113.1",)},
        ),
        (
            "namespaces",
            "",
            "",
            {"metadata": {"labels": {"a": "b"}}},
            {"namespace.labels": ("a=b",), "object.labels": ("a=b",)},
        ),
        (
            "validatingwebhookconfigurations",
            "admissionregistration.k8s.io",
            "",
            {
                "webhooks": [
                    {
                        "clientConfig": {"url": "https://x", "service": {"namespace": "n", "name": "s"}},
                        "failurePolicy": "Fail",
                    }
                ]
            },
            {"webhook.url": ("https://x",), "webhook.services": ("n/s",), "webhook.failurePolicy": ("Fail",)},
        ),
        (
            "certificatesigningrequests",
            "certificates.k8s.io",
            "",
            {"spec": {"signerName": "s", "usages": ["client auth"]}, "status": {"conditions": [{"type": "Approved"}]}},
            {"certificate.signerName": "s", "certificate.usages": ("client auth",), "certificate.approved": True},
        ),
    ],
)
def test_fields_of_other_objects(
    look_at: Any, resource: str, group: str, subresource: str, body: Any, expected: dict[str, Any]
) -> None:
    assert written(look_at, resource, body, group, subresource) == expected


def test_every_field_of_a_body_says_what_it_needs() -> None:
    assert all(row.needs == ("requestObject",) and row.level == "Request" for row in BODIES)
    assert find("grants.capped") in BODIES
