"""A developer's pod is refused by Pod Security, then by the quota, then fixed."""

from lab.manifests import pod
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    alice = stage.person("alice")
    body = pod(stage.word("try"), "registry.example.com/shop/web:4.2.0", hostNetwork=True)
    with stage.step("be refused", alice, "", ("D06", "B07")):
        alice.post("/api/v1/namespaces/shop/pods", body)
        alice.post("/api/v1/namespaces/payments/pods", body)
    fixed = pod(stage.word("try"), "registry.example.com/shop/web:4.2.0")
    with stage.step("fix it", alice, "", ("C19", "I04")):
        stage.must(stage.create(alice, fixed, "shop"))
        stage.must(alice.delete(f"/api/v1/namespaces/shop/pods/{fixed['metadata']['name']}"))


SCENARIO = Scenario("refused-deployment", "A pod is refused and fixed", "confounder", "", (), _play)
