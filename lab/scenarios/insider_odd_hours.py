"""An insider reads the own team's secrets with own rights: nothing but the time is unusual."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    bob = stage.person("bob", address=stage.lab.person("bob").home)
    with stage.step("read the team's secrets", bob, "credential-access", ("F01", "F03", "N13")):
        stage.must(bob.get("/api/v1/namespaces/payments/secrets?limit=500", table=True))
        bob.get("/api/v1/namespaces/payments/secrets/card-gateway")
        bob.get("/api/v1/namespaces/payments/secrets/ledger-db")


SCENARIO = Scenario(
    "insider-odd-hours",
    "An insider reads the own team's secrets",
    "attack",
    "sell the provider's key",
    ("T1552.007",),
    _play,
)
