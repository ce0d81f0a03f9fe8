"""Support impersonates a customer's developer, with permission, to see what he sees."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    grace = stage.lab.person("grace")
    headers = {"Impersonate-User": "oidc:alice@example.com", "Impersonate-Group": "oidc:team-shop"}
    client = stage.client(stage.lab.login("grace"), stage.lab.place("grace"), grace.agent, headers)
    with stage.step("see what she sees", client, "", ("E17", "N14")):
        stage.must(client.get("/api/v1/namespaces/shop/pods?limit=500", table=True))
        client.get("/apis/apps/v1/namespaces/shop/deployments?limit=500", table=True)


SCENARIO = Scenario("support-session", "A support session by impersonation", "confounder", "", (), _play)
