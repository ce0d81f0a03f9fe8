"""Certificates are renewed in a wave: requests, approvals by the controller, new secrets."""

import base64

from lab.pki import signing_request
from lab.story import Scenario, Stage

_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def _play(stage: Stage) -> None:
    manager = stage.pod("cert-manager", "cert-manager")
    for _ in range(4):
        title = stage.word("ingress-cert")
        request, key = signing_request(f"{title}.example.com")
        spec = {
            "request": base64.b64encode(request).decode(),
            "signerName": "example.com/ingress",
            "usages": ["server auth"],
        }
        kind = "CertificateSigningRequest"
        body = {"apiVersion": "certificates.k8s.io/v1", "kind": kind, "metadata": {"name": title}, "spec": spec}
        with stage.step(f"renew {title}", manager, "", ("F12", "F14", "F15", "F18")):
            made = stage.must(stage.create(manager, body)).json
            condition = {"type": "Approved", "status": "True", "reason": "Policy", "message": "by policy"}
            made["status"] = {"conditions": [condition]}
            manager.get(f"{_PATH}/{title}")
            manager.put(f"{_PATH}/{title}/approval", made)
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": title}}
            data = {"tls.key": base64.b64encode(key).decode()[:40]}
            manager.post("/api/v1/namespaces/shop/secrets", secret | {"stringData": data})


SCENARIO = Scenario("certificate-wave", "Certificates are renewed in a wave", "confounder", "", (), _play)
