"""The pipeline moves: other runners, another tool, the same account."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    identity = stage.lab.running("ci", "runner").identity
    runner = stage.client(identity, "10.21.7.9", "argo-workflows/v3.6.0 (linux/amd64) kubernetes/$Format")
    body = {"metadata": {"annotations": {"deployed-by": "workflow"}}}
    with stage.step("deploy from the new place", runner, "", ("N08", "J01", "A11")):
        stage.must(runner.get("/apis/apps/v1/namespaces/shop/deployments/web"))
        stage.must(runner.patch("/apis/apps/v1/namespaces/shop/deployments/web", body))
        runner.get("/api/v1/namespaces/shop/secrets?labelSelector=owner%3Dhelm")


SCENARIO = Scenario("ci-migration", "The pipeline moves", "confounder", "", (), _play)
