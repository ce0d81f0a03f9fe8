"""Stories: requests in, exactly these findings out."""

from collections.abc import Callable
from typing import Any

from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Tell = Callable[..., Result]


def groups(found: Result) -> set[tuple[str, str, int]]:
    """Title, user and number of requests of every finding that is not merely informational."""
    return {
        (finding.title, finding.principal.user or "", finding.count)
        for finding in found.findings
        if finding.severity != "informational"
    }


def shell(make: Make, at: int, **members: Any) -> dict[str, Any]:
    uri = "/api/v1/namespaces/shop/pods/web/exec?command=sh&stdin=true&tty=true"
    return make(at, "mallory", "create", "shop:pods/web/exec", requestURI=uri, responseStatus={"code": 101}, **members)


def test_from_a_shell_over_secrets_to_a_binding(request_: Make, told: Tell) -> None:
    thief = "system:serviceaccount:shop:web"
    binding = {
        "kind": "ClusterRoleBinding", "metadata": {"name": "x"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}],
    }  # fmt: skip
    story = [
        shell(request_, 0),
        request_(60, thief, "list", "secrets", sourceIPs=["10.244.1.9"]),
        request_(90, thief, "create", "clusterrolebindings/x", requestObject=binding, sourceIPs=["10.244.1.9"]),
    ]
    found = told(story)
    assert groups(found) == {
        ("Command run in a pod through exec", "mallory", 1),
        ("Shell or client path in a request", "mallory", 1),
        ("Secrets listed", thief, 1),
        ("Secrets of all namespaces listed", thief, 1),
        ("Service account lists secrets of all namespaces", thief, 1),
        ("Service account writes RBAC", thief, 1),
        ("Binding to cluster-admin", thief, 1),
    }
    backwards = told(story[::-1])
    assert {item.id for item in backwards.findings} == {item.id for item in found.findings}


def test_evasions_do_not_help(request_: Make, told: Tell) -> None:
    privileged = {
        "spec": {"template": {"spec": {"containers": [{"name": "a", "securityContext": {"privileged": True}}]}}}
    }
    story = [
        shell(request_, 0) | {"verb": "get"},
        request_(60, "mallory", "create", "shop:daemonsets/x", requestObject=privileged),
        request_(120, "mallory", "watch", "secrets", requestURI="/api/v1/secrets?watch=true"),
        request_(
            180, "mallory", "delete", "shop:deployments/web", sourceIPs=["127.0.0.1", "10.0.0.7"],
            requestURI="/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All",
            requestObject={"kind": "DeleteOptions", "apiVersion": "v1"},
        ),
    ]  # fmt: skip
    found = told(story)
    assert groups(found) == {
        ("Command run in a pod through exec", "mallory", 1),
        ("Shell or client path in a request", "mallory", 1),
        ("DaemonSet created", "mallory", 1),
        ("Privileged container", "mallory", 1),
        ("Workload that makes pods with host access", "mallory", 1),
        ("Secrets listed", "mallory", 1),
        ("Secrets of all namespaces listed", "mallory", 1),
        ("Deletion dressed as a dry run", "mallory", 1),
    }
    (deleted,) = (finding for finding in found.findings if finding.title == "Deployment deleted")
    assert deleted.outcome == "success"
    assert (deleted.source.ip, deleted.source.claimed) == ("10.0.0.7", ("127.0.0.1",))


def test_a_quiet_hour_is_quiet(request_: Make, told: Tell) -> None:
    kubelet, scheduler = "system:node:node-1", "system:kube-scheduler"
    controller = "system:serviceaccount:kube-system:deployment-controller"
    story = []
    for at in range(0, 3_000, 30):
        story += [
            request_(at, kubelet, "update", "kube-node-lease:leases/node-1", userAgent="kubelet/v1.34.1"),
            request_(at + 1, kubelet, "patch", "nodes/node-1/status", userAgent="kubelet/v1.34.1"),
            request_(at + 2, kubelet, "get", "shop:configmaps/settings", userAgent="kubelet/v1.34.1"),
            request_(
                at + 3, scheduler, "update", "kube-system:leases/kube-scheduler", userAgent="kube-scheduler/v1.34"
            ),
            request_(at + 4, controller, "update", "shop:deployments/web/status", userAgent="kube-controller-manager"),
            request_(
                at + 5, "system:apiserver", "list", "endpointslices", sourceIPs=["::1"], userAgent="kube-apiserver"
            ),
        ]
    found = told(story)
    assert found.input.events == len(story)
    assert groups(found) == set()
    assert {finding.severity for finding in found.findings} <= {"informational"}
