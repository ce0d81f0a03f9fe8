"""An operator is upgraded: its resource definition changes, objects of the new kind appear."""

from lab.story import Scenario, Stage

_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def _play(stage: Stage) -> None:
    operator = stage.pod("shop", "orders-operator", agent="orders-operator/v2.0.0 (linux/amd64) kubernetes/$Format")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    plural = f"orders{stage.chance.randrange(100)}"
    spec = {
        "group": "shop.example.com",
        "scope": "Namespaced",
        "names": {"plural": plural, "singular": plural[:-1], "kind": plural.capitalize()},
        "versions": [{"name": "v2", "served": True, "storage": True, "schema": schema}],
    }
    kind = "CustomResourceDefinition"
    name = f"{plural}.shop.example.com"
    body = {"apiVersion": "apiextensions.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    with stage.step("install the definition", operator, "", ("N05", "J01")):
        stage.must(stage.create(operator, body))
    stage.pause()
    with stage.step("make an object", operator, "", ("J01",)):
        made = {"apiVersion": "shop.example.com/v2", "kind": plural.capitalize(), "metadata": {"name": "first"}}
        operator.post(f"/apis/shop.example.com/v2/namespaces/shop/{plural}", made)
    with stage.step("remove it", "kubernetes-admin"):
        stage.admin().delete(f"{_PATH}/{name}")


SCENARIO = Scenario("operator-upgrade", "An operator is upgraded", "confounder", "", (), _play)
