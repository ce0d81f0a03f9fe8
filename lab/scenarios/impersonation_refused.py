"""Somebody without the right tries to impersonate: refused, and the log does not say whom."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    for target in ("system:admin", "oidc:carol@example.com", "kubernetes-admin"):
        person = stage.lab.person("heidi")
        client = stage.client(
            stage.lab.login("heidi"), stage.lab.place("heidi"), person.agent, {"Impersonate-User": target}
        )
        with stage.step(f"try {target.split(':')[-1].split('@')[0]}", client, "privilege-escalation", ("N14", "A07")):
            client.get("/api/v1/namespaces/kube-system/configmaps")


SCENARIO = Scenario(
    "impersonation-refused",
    "Impersonation is tried and refused",
    "attack",
    "find out whom one may impersonate",
    ("T1134",),
    _play,
)
