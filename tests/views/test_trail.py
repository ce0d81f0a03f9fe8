"""What an event leaves for others to follow."""

import base64
from typing import Any

import msgspec
import pytest

from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.trail import trail

EXTRA = "authentication.kubernetes.io/"


def left(**members: Any) -> tuple[tuple[str, str], ...]:
    usual = {"verb": "get", "responseStatus": {"code": 200}}
    event = msgspec.json.decode(msgspec.json.encode(usual | members), type=Event)
    return trail(Look(event, Context("native")))


def test_an_event_with_nothing_in_it_leaves_nothing() -> None:
    assert trail(Look(Event(), Context("native"))) == ()


def test_the_verb_and_the_credential() -> None:
    extra = {EXTRA + "credential-id": ["JTI=1", "JTI=1"], EXTRA + "pod-name": ["web-1"]}
    user = {"username": "system:serviceaccount:shop:web", "extra": extra}
    assert left(user=user) == (("verb", "get"), ("credential", "JTI=1"), ("pod", "shop/web-1"))


def test_a_pod_without_an_account_is_no_place() -> None:
    user = {"username": "eve", "extra": {EXTRA + "pod-name": ["web-1"]}}
    assert left(user=user) == (("verb", "get"),)


@pytest.mark.parametrize("code", [403, 404, 500, None])
def test_what_failed_opens_no_way(code: int | None) -> None:
    account = {"resource": "serviceaccounts", "namespace": "shop", "name": "web"}
    found = left(verb="create", objectRef=account, responseStatus={"code": code} if code else None)
    assert found == (("verb", "create"),)


def test_a_certificate_request_opens_a_way_to_its_names() -> None:
    from cryptography import x509  # noqa: PLC0415  as the view does
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "eve")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    pem = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM
    )
    body = {"kind": "CertificateSigningRequest", "spec": {"request": base64.b64encode(pem).decode()}}
    ref = {"resource": "certificatesigningrequests", "name": "x", "apiGroup": "certificates.k8s.io"}
    assert ("certificate", "eve") in left(verb="create", objectRef=ref, requestObject=body)


def test_hostile_owners_are_passed_over() -> None:
    ref = {"resource": "pods", "namespace": "shop"}
    owners = [{"kind": 1, "name": "x"}, "x", {"kind": "ReplicaSet"}, {"kind": "Job", "name": "a/b"}]
    found = left(verb="create", objectRef=ref, requestObject={"metadata": {"ownerReferences": owners}})
    assert found == (("verb", "create"), ("owner", "shop/jobs/a/b"))
