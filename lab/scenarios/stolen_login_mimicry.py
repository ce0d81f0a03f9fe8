"""A thief at a home address does only what the owner does, with the owner's tool: the floor of what can be told."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    erin = stage.lab.person("erin")
    thief = stage.person("erin", address="198.51.100.29")
    with stage.step("look as usual", thief, "discovery", ("N08", "N13")):
        for _ in range(3):
            thief.get("/api/v1/namespaces/shop/pods?limit=500", table=True)
            thief.get("/apis/apps/v1/namespaces/shop/deployments?limit=500", table=True)
            stage.pause()
    with stage.step("read one configuration", thief, "collection", ("N13",)):
        stage.must(thief.get(f"/api/v1/namespaces/{erin.namespaces[0]}/configmaps/web-config"))


SCENARIO = Scenario(
    "stolen-login-mimicry",
    "A stolen login that mimics its owner from a residential address",
    "attack",
    "stay unseen",
    ("T1078",),
    _play,
)
