"""An authorised test: it should be detected, and then be qualified as what it is."""

from lab.cast import VPN
from lab.client import Identity
from lab.manifests import pod
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    tester = stage.client(Identity("system:anonymous"), VPN[0], "kube-hunter/0.6.8")
    with stage.step("scan without a login", tester, "reconnaissance", ("A03", "A15")):
        for path in ("/api/v1/pods", "/api/v1/secrets", "/apis", "/version"):
            tester.get(path)
    carol = stage.person("carol", address=VPN[0])
    body = pod(stage.word("pentest"), "registry.example.com/security/tools:1", hostPID=True)
    body["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    with stage.step("a privileged pod, as agreed", carol, "privilege-escalation", ("D01", "D07", "C19")):
        stage.must(stage.create(carol, body, "security"))
        carol.delete(f"/api/v1/namespaces/security/pods/{body['metadata']['name']}")


SCENARIO = Scenario("penetration-test", "An authorised penetration test", "confounder", "", (), _play)
