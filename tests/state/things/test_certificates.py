import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]
TARGET = "certificatesigningrequests"
DER = b"not a certificate, but its bytes"


def encoded(pem: bytes) -> str:
    return base64.b64encode(pem).decode()


def signed() -> str:
    body = base64.encodebytes(DER)
    return encoded(b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n")


def test_one_request_is_followed_to_its_certificate(event: Make, world: Make) -> None:
    spec = {"signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"], "request": ""}
    ok = {"status": {"conditions": [{"type": "Approved", "status": "True"}]}}
    found = world(
        event("create", TARGET, "x", None, requestObject={"spec": spec}),
        event("update", f"{TARGET}/approval", "x", None, user={"username": "bo"}, requestObject=ok),
        event("update", f"{TARGET}/status", "x", None, user={"username": "signer"},
              requestObject={"status": {"certificate": signed()}}),
        event("delete", TARGET, "x", None),
    )  # fmt: skip
    first, after = found.certificate("c1", "x", (1, 9)).content, found.certificate("c1", "x", (3, 9)).content
    assert (first.requestor, first.approver, first.signer) == ("ana", None, spec["signerName"])
    assert (after.requestor, after.approver, after.approved) == ("ana", "bo", True)
    assert after.credential == "X509SHA256=" + hashlib.sha256(DER).hexdigest()
    assert found.certificate("c1", "x", (9,)).knowledge == "gone"
    assert not first.plain


def test_a_denial_has_no_approver(event: Make, world: Make) -> None:
    no = {"status": {"conditions": [{"type": "Denied", "status": "True"}]}}
    found = world(event("update", f"{TARGET}/approval", "x", None, requestObject=no))
    assert found.certificate("c1", "x", (9,)).content.approved is False
    assert found.certificate("c1", "x", (9,)).content.approver is None


def test_at_metadata_the_caller_of_the_approval_is_told(event: Make, world: Make) -> None:
    content = world(event("update", f"{TARGET}/approval", "x", None)).certificate("c1", "x", (9,)).content
    assert (content.approver, content.approved) == ("ana", None)


@pytest.mark.parametrize("certificate", ["", "é", "!!!", encoded(b"no pem"), "A" * 100_000])
def test_what_is_no_certificate_has_no_credential(event: Make, told: Make, certificate: str) -> None:
    body = {"status": {"certificate": certificate}}
    [fact] = told(event("update", f"{TARGET}/status", "x", None, requestObject=body))
    assert fact.fact.content.credential is None
