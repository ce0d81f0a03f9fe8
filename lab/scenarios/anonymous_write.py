"""Everybody may edit for a minute, and somebody without a login makes a pod."""

from lab.cast import AGENTS
from lab.client import Identity
from lab.manifests import binding, group, pod
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    name = stage.word("demo-access")
    bound = binding(name, "edit", [group("system:unauthenticated")], cluster=False)
    with stage.step("let everybody edit", thief, "persistence", ("E03", "E05")):
        stage.must(stage.create(thief, bound, "monitoring"))
    nobody = stage.stranger(Identity("system:anonymous"), AGENTS["python"])
    made = pod(stage.word("x"), "alpine:3.20")
    with stage.step("make a pod without a login", nobody, "execution", ("A01", "A02", "C15", "C16")):
        stage.must(stage.create(nobody, made, "monitoring"))
        nobody.get("/api/v1/namespaces/monitoring/configmaps")
    with stage.step("the administrator closes it", "kubernetes-admin", kind="confounder"):
        admin = stage.admin()
        admin.delete(f"/apis/rbac.authorization.k8s.io/v1/namespaces/monitoring/rolebindings/{name}")
        admin.delete(f"/api/v1/namespaces/monitoring/pods/{made['metadata']['name']}")


SCENARIO = Scenario(
    "anonymous-write",
    "A pod is made without a login",
    "attack",
    "run a workload without any credential",
    ("T1078.001", "T1610"),
    _play,
)
