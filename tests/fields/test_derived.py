"""Derived fields say what the views say."""

from typing import Any

from kwho.fields.derived import DERIVED
from kwho.schema.record import Context
from kwho.views import Look


def values(look: Look) -> dict[str, Any]:
    return {row.name: row.read(look) for row in DERIVED}


def test_derived_fields_of_an_exec_while_impersonating(look_at: Any) -> None:
    look = look_at(
        verb="get",
        stage="ResponseComplete",
        requestURI="/api/v1/namespaces/a/pods/p/exec?command=id&command=-u",
        objectRef={"resource": "pods", "subresource": "exec"},
        user={
            "username": "alice",
            "extra": {
                "authentication.kubernetes.io/credential-id": ["JTI=1"],
                "authentication.kubernetes.io/pod-name": ["p"],
                "authentication.kubernetes.io/node-name": ["n"],
            },
        },
        impersonatedUser={"username": "system:node:n", "groups": ["system:nodes"]},
        sourceIPs=["10.0.0.1", "203.0.113.9"],
        responseStatus={"code": 101},
        requestReceivedTimestamp="2026-01-05T10:00:00.000000Z",
        stageTimestamp="2026-01-05T10:00:00.000250Z",
        annotations={
            "authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "u"',
            "k8s.io/deprecated": "true",
            "audit.k8s.io/truncated": "true",
        },
    )
    named = Look(look.event, Context("native", cluster="prod", instance="api-1"))
    assert values(named) == {
        "outcome": "success",
        "accepted": True,
        "dryRun": False,
        "impersonation.refused": False,
        "object.key": None,
        "effective.user": "system:node:n",
        "effective.groups": ("system:nodes",),
        "effective.kind": "node",
        "source.claimed": ("10.0.0.1",),
        "uri.path": "/api/v1/namespaces/a/pods/p/exec",
        "exec.command": "id -u",
        "exec.argv": ("id", "-u"),
        "proxy.path": None,
        "allowedBy.binding": "ClusterRoleBinding/b",
        "allowedBy.role": "ClusterRole/r",
        "allowedBy.subject": "User:u",
        "deprecated": True,
        "truncated": True,
        "credential.id": ("JTI=1",),
        "credential.pod": ("p",),
        "credential.node": ("n",),
        "duration": 250,
        "time.quarter": "06-12",
        "time.weekend": False,
        "cluster": "prod",
        "instance": "api-1",
        "format": "native",
    }


def test_without_impersonation_the_effective_identity_is_the_caller(look_at: Any) -> None:
    found = values(look_at(user={"username": "alice", "groups": ["g"]}))
    assert (found["effective.user"], found["effective.groups"], found["effective.kind"]) == ("alice", ("g",), "human")
