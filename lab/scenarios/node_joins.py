"""A node is added: it asks for its certificate, is approved, joins, takes pods, is drained and removed."""

import base64

from lab.client import MERGE
from lab.pki import signing_request
from lab.process import wait_for
from lab.story import Scenario, Stage

_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def _play(stage: Stage) -> None:
    node = f"node-{3 + stage.chance.randrange(2, 6)}x"
    boot = stage.client(
        stage.lab.static("node-bootstrap"), "10.0.0.14", "kubelet/v1.36.1 (linux/amd64) kubernetes/0f0f0f0"
    )
    request, _key = signing_request(f"system:node:{node}", ("system:nodes",))
    spec = {
        "request": base64.b64encode(request).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
        "usages": ["client auth", "digital signature"],
    }
    kind = "CertificateSigningRequest"
    body = {"apiVersion": "certificates.k8s.io/v1", "kind": kind, "metadata": {"name": f"csr-{node}"}, "spec": spec}
    with stage.step("ask for a certificate", boot, "", ("F14",)):
        stage.must(boot.post(_PATH, body))
    carol = stage.person("carol")
    with stage.step("approve", carol, "", ("F15",)):
        found = carol.get(f"{_PATH}/csr-{node}").json
        condition = {"type": "Approved", "status": "True", "reason": "NewNode", "message": "approved"}
        stage.must(carol.put(f"{_PATH}/csr-{node}/approval", found | {"status": {"conditions": [condition]}}))
    with stage.step("join", f"system:node:{node}", "", ("A14",)):
        stage.lab.plane.add_node(node)
        wait_for(node, lambda: stage.lab.admin_client().get(f"/api/v1/nodes/{node}").ok, 60, pause=1)
    with stage.step("cordon and remove", carol, "", ("N06",)):
        stage.must(carol.patch(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}}, MERGE))
        stage.lab.plane.stop_node(node)
        carol.delete(f"/api/v1/nodes/{node}")
        carol.delete(f"{_PATH}/csr-{node}")


SCENARIO = Scenario("node-joins", "A node joins and leaves", "confounder", "", (), _play)
