"""An install and an uninstall with Helm: hundreds of requests in seconds, release records in secrets."""

from lab.cast import AGENTS
from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    carol = stage.person("carol", agent=AGENTS["ci"])
    name = stage.word("redis", "rabbit")
    with stage.step("install", carol, "", ("F12", "G03", "G07", "C21")):
        for path in ("/version", "/api", "/apis", "/openapi/v3"):
            carol.get(path)
        record = {"name": f"sh.helm.release.v1.{name}.v1", "labels": {"owner": "helm", "name": name}}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": record, "type": "helm.sh/release.v1"}
        stage.must(stage.create(carol, secret, "staging"))
        for number in range(4):
            one = {"metadata": {"name": f"{name}-{number}"}, "apiVersion": "v1"}
            stage.create(carol, one | {"kind": "ConfigMap", "data": {"a": "b"}}, "staging")
            stage.create(carol, one | {"kind": "ServiceAccount"}, "staging")
        stage.must(stage.create(carol, workload("Deployment", name, "registry.example.com/mirror/redis:7"), "staging"))
    with stage.step("uninstall", carol, "", ("I03", "I04", "F12", "N06")):
        carol.delete(f"/apis/apps/v1/namespaces/staging/deployments/{name}?propagationPolicy=Background")
        for number in range(4):
            carol.delete(f"/api/v1/namespaces/staging/configmaps/{name}-{number}")
            carol.delete(f"/api/v1/namespaces/staging/serviceaccounts/{name}-{number}")
        carol.delete(f"/api/v1/namespaces/staging/secrets/sh.helm.release.v1.{name}.v1")


SCENARIO = Scenario("helm-storm", "A Helm install and uninstall", "confounder", "", (), _play)
