"""Support may impersonate; somebody with that login impersonates administrators, nodes and accounts, in every form."""

from lab.cast import OFFICE
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    grace = stage.lab.person("grace")

    def wearing(**headers: str) -> None:
        names = {"Impersonate-" + key.replace("_", "-"): value for key, value in headers.items()}
        client = stage.client(stage.lab.login("grace"), OFFICE, grace.agent, names)
        client.get("/api/v1/namespaces/payments/secrets")
        client.close()

    with stage.step("as an administrator", grace.user, "privilege-escalation", ("E17", "F24", "F03")):
        wearing(User="admin", Group="system:masters")
    with stage.step("as a node and an account", grace.user, "privilege-escalation", ("E17", "N14")):
        wearing(User="system:node:node-1", Group="system:nodes")
        wearing(User="system:serviceaccount:kube-system:generic-garbage-collector")
    with stage.step("with forms that are refused", grace.user, "privilege-escalation", ("N14", "B04")):
        wearing(User="alice", Uid="1000")
        wearing(Group="system:masters")
        wearing(User="alice", Extra_scopes="all")


SCENARIO = Scenario(
    "impersonation",
    "Privileged identities are impersonated",
    "attack",
    "read the payment secrets as somebody else",
    ("T1134",),
    _play,
)
