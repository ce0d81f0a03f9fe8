"""Somebody without a login scans; later a binding opens the door and the same scanner walks in."""

from lab.cast import AGENTS
from lab.client import Identity
from lab.manifests import binding, user
from lab.story import Scenario, Stage

_PATHS = ("/api", "/apis", "/api/v1/pods", "/api/v1/secrets", "/api/v1/nodes", "/metrics", "/version", "/healthz")


def _play(stage: Stage) -> None:
    scanner = stage.stranger(Identity("system:anonymous"), stage.chance.choice((AGENTS["curl"], "kube-hunter/0.6.8")))
    with stage.step("scan", scanner, "reconnaissance", ("A03", "A05", "A06", "A15")):
        for path in stage.chance.sample(_PATHS, len(_PATHS)):
            scanner.get(path)
    thief = stage.hijack("carol")
    name = stage.word("public-status", "health-view")
    with stage.step("open the door", thief, "persistence", ("E03", "E05")):
        stage.must(stage.create(thief, binding(name, "view", [user("system:anonymous")])))
    with stage.step("walk in", scanner, "initial-access", ("A01", "A04")):
        stage.must(scanner.get("/api/v1/pods"))
        scanner.get("/api/v1/namespaces/shop/configmaps")
    with stage.step("the administrator closes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}")


SCENARIO = Scenario(
    "anonymous-probe",
    "Anonymous scan, then anonymous success",
    "attack",
    "keep a door without a key",
    ("T1595", "T1078.001", "T1098.006"),
    _play,
)
