"""A colleague changes teams: an administrator binds the new team's role, and the colleague uses it."""

from lab.manifests import binding, user
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol, heidi = stage.person("carol"), stage.person("heidi")
    bound = binding(stage.word("heidi-shop"), "developer", [user(heidi.identity.name)], cluster=False)
    with stage.step("bind", carol, "", ("E03",)):
        stage.must(stage.create(carol, bound, "shop"))
    with stage.step("first use", heidi, "", ("N13", "N12")):
        stage.must(heidi.get("/api/v1/namespaces/shop/pods?limit=500", table=True))


SCENARIO = Scenario("role-change", "A colleague changes teams", "confounder", "", (), _play)
