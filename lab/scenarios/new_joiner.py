"""Somebody's first day: a login never seen, help pages, refusals, wrong namespaces."""

from lab.cast import OFFICE
from lab.client import Identity
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    email = f"new{stage.chance.randrange(1000)}@example.com"
    token = stage.lab.plane.issuer.token(email, ("employees", "team-shop"))
    agent = "kubectl/v1.36.1 (darwin/arm64) kubernetes/9d1c0aa"
    joiner = stage.client(Identity(f"oidc:{email}", token), OFFICE, agent)
    with stage.step("first steps", joiner, "", ("N13", "A07", "B04", "B05", "B09")):
        for path in ("namespaces", "nodes", "namespaces/default/pods", "namespaces/payments/pods", "pods", "secrets"):
            joiner.get(f"/api/v1/{path}?limit=500", table=True)
        stage.must(joiner.get("/api/v1/namespaces/shop/pods?limit=500", table=True))


SCENARIO = Scenario("new-joiner", "A new colleague's first day", "confounder", "", (), _play)
