"""A role that everybody has is given a right."""

from lab.client import JSON_PATCH
from lab.story import Scenario, Stage

_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:basic-user"


def _play(stage: Stage) -> None:
    thief = stage.hijack("carol")
    rule = {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create", "get"]}
    with stage.step("add a rule", thief, "persistence", ("E10", "E13", "E15", "E19")):
        stage.must(thief.patch(_PATH, [{"op": "add", "path": "/rules/-", "value": rule}], JSON_PATCH))
    with stage.step("the administrator undoes it", "kubernetes-admin", kind="confounder"):
        stage.admin().patch(_PATH, [{"op": "remove", "path": "/rules/1"}], JSON_PATCH)


SCENARIO = Scenario(
    "system-role-edit",
    "A system role is widened",
    "attack",
    "let everybody exec",
    ("T1098", "T1562"),
    _play,
)
