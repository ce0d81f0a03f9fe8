"""Somebody without the right tries to approve a certificate of their own."""

import base64

from lab.pki import signing_request
from lab.story import Scenario, Stage

_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def _play(stage: Stage) -> None:
    thief = stage.pod("cert-manager", "cert-manager", agent="curl/8.10.1")
    title = stage.word("svc")
    request, _key = signing_request("system:kube-scheduler")
    spec = {
        "request": base64.b64encode(request).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
    }
    kind = "CertificateSigningRequest"
    body = {"apiVersion": "certificates.k8s.io/v1", "kind": kind, "metadata": {"name": title}, "spec": spec}
    with stage.step("ask", thief, "persistence", ("F14", "F19", "F20", "J01")):
        stage.must(stage.create(thief, body))
    other = stage.hijack("dave")
    with stage.step("try to approve with another login", other, "persistence", ("F16", "A07")):
        condition = {"type": "Approved", "status": "True", "reason": "x", "message": "x"}
        other.put(f"{_PATH}/{title}/approval", body | {"status": {"conditions": [condition]}})


SCENARIO = Scenario(
    "approval-refused",
    "A certificate is asked for and the approval refused",
    "attack",
    "a credential that cannot be revoked",
    ("T1649",),
    _play,
)
