"""The wall around the payment pods is removed."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("bob")
    path = "/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies"
    before = stage.must(thief.get(f"{path}/default-deny")).json
    with stage.step("remove the policy", thief, "defense-evasion", ("I05",)):
        stage.must(thief.delete(f"{path}/default-deny"))
    with stage.step("the administrator restores it", "kubernetes-admin", kind="confounder"):
        body = {"apiVersion": before["apiVersion"], "kind": before["kind"], "metadata": {"name": "default-deny"}}
        stage.admin().post(path, body | {"spec": before["spec"]})


SCENARIO = Scenario(
    "network-policy-removed",
    "A network policy is removed",
    "attack",
    "reach the payment pods",
    ("T1562",),
    _play,
)
