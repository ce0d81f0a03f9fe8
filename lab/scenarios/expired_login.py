"""A dashboard left open over night: its login has expired, and it goes on asking."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    person = stage.lab.person("dave")
    client = stage.client(stage.lab.login("dave", seconds=-60), person.home, person.agent)
    with stage.step("ask with an expired login", "dave, expired", "", ("A03", "A05")):
        for _ in range(12):
            client.get("/api/v1/namespaces/data/pods?limit=500", table=True)
    again = stage.person("dave", address=person.home)
    with stage.step("log in again", again):
        stage.must(again.get("/api/v1/namespaces/data/pods?limit=500", table=True))


SCENARIO = Scenario("expired-login", "An expired login", "confounder", "", (), _play)
