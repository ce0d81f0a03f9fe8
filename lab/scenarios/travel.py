"""A developer works from a hotel in another network, as usual otherwise."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    alice = stage.person("alice", address="192.0.2.130")
    with stage.step("work", alice, "", ("N13", "N08", "F10")):
        for _ in range(3):
            stage.must(alice.get("/api/v1/namespaces/shop/pods?limit=500", table=True))
            alice.get("/api/v1/namespaces/shop/secrets/web-session")
            stage.pause()


SCENARIO = Scenario("travel", "A developer travels", "confounder", "", (), _play)
