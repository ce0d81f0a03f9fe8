"""Stories that only a comparison tells: a token on another node, a guard that looks away, an image from elsewhere."""

from collections.abc import Callable
from typing import Any

from kwho.schema.result import Result

Make = Callable[..., dict[str, Any]]
Tell = Callable[..., Result]

WEB, EVE = "system:serviceaccount:shop:web", "eve@example.com"
EXTRA = "authentication.kubernetes.io/"


def grave(result: Result) -> set[tuple[str, str | None]]:
    """Titles and principals of what is medium and above."""
    loud = ("medium", "high", "critical")
    return {(found.title, found.principal.user) for found in result.findings if found.severity in loud}


def test_a_token_that_left_its_node_and_outlived_its_pod(request_: Make, told: Tell) -> None:
    def use(at: int, peer: str) -> dict[str, Any]:
        made = request_(at, WEB, "create", "selfsubjectrulesreviews", sourceIPs=[peer])
        made["user"]["extra"] = {EXTRA + "pod-name": ["web-7d4b9c6f5-x2x4z"], EXTRA + "node-name": ["n1"]}
        return made

    story = [
        request_(0, "system:node:n2", "delete", "shop:pods/other", sourceIPs=["10.0.0.2"]),
        use(60, "10.0.0.1"),
        use(120, "10.0.0.2"),
        request_(600, "system:node:n1", "delete", "shop:pods/web-7d4b9c6f5-x2x4z", sourceIPs=["10.0.0.1"]),
        use(630, "10.0.0.1"),
        use(1800, "10.0.0.1"),
    ]
    result = told(story)
    assert grave(result) == {
        ("Token of a pod used on another node", WEB),
        ("Token of a pod used after the pod was gone", WEB),
    }
    assert [found.count for found in result.findings if found.title.startswith("Token of a pod")] == [2, 2]
    assert grave(told(reversed(story))) == grave(result)


def test_a_guard_is_told_to_look_away_before_the_pod_comes(request_: Make, told: Tell) -> None:
    def guard(**members: Any) -> dict[str, Any]:
        rules = [{"operations": ["*"], "apiGroups": [""], "apiVersions": ["*"], "resources": ["pods"]}]
        webhook = {"name": "guard.example.com", "rules": rules, "failurePolicy": "Fail", **members}
        return {"kind": "ValidatingWebhookConfiguration", "metadata": {"name": "guard"}, "webhooks": [webhook]}

    group = {"resource": "validatingwebhookconfigurations", "apiGroup": "admissionregistration.k8s.io", "name": "guard"}
    selector = {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["shop"]}]}
    result = told([
        request_(0, "ana@example.com", "create", "x/guard", objectRef=group, requestObject=guard()),
        request_(600, EVE, "update", "x/guard", objectRef=group, requestObject=guard(namespaceSelector=selector)),
        request_(660, EVE, "create", "shop:pods/x", requestObject={
            "kind": "Pod", "spec": {"containers": [{"name": "a", "securityContext": {"privileged": True}}]},
        }),
    ])  # fmt: skip
    assert {title for title, user in grave(result) if user == EVE} == {
        "Admission webhook changed",
        "Admission webhook looks at less than before",
        "Privileged container",
    }
    [incident] = [one for one in result.incidents if EVE in one.principals]
    assert incident.severity == "high"


def test_a_pipeline_rolls_out_an_image_from_elsewhere(request_: Make, told: Tell) -> None:
    runner = "system:serviceaccount:ci:runner"

    def cart(image: str) -> dict[str, Any]:
        return {"spec": {"template": {"spec": {"containers": [{"name": "cart", "image": image}]}}}}

    releases = [
        request_(at, runner, "patch" if at else "create", "shop:deployments/cart", requestObject=cart(image))
        for at, image in enumerate(("ghcr.io/shop/cart:1", "ghcr.io/shop/cart:2", "ghcr.io/sh0p/cart:2"))
    ]
    assert grave(told(releases[:2])) == set()
    assert grave(told(releases)) == {("Running workload gets an image from where none came before", runner)}
