from collections.abc import Callable
from typing import Any

import pytest

from kwho.state.gained import Seen, gained, moved, obtainable
from kwho.views.trail import ISSUED

Make = Callable[..., Any]
POD = {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"serviceAccountName": "web"}}
CSR = "certificatesigningrequests"


def test_entering_a_pod_brings_its_account(event: Make, world: Make) -> None:
    found = world(event("create", "pods", "p", requestObject=POD), event("get", "pods/exec", "p"))
    [one] = gained(found, [1, 2, 3])
    assert (one.user, one.how, one.of, one.proved) == ("system:serviceaccount:shop:web", "entered", "p", True)


def test_a_port_is_no_way_to_the_token(event: Make, world: Make) -> None:
    found = world(event("create", "pods", "p", requestObject=POD), event("get", "pods/portforward", "p"))
    assert list(gained(found, [2])) == []


def test_nothing_is_said_of_a_pod_that_is_unknown(event: Make, world: Make) -> None:
    assert list(gained(world(event("get", "pods/exec", "p")), [1])) == []


def test_a_pod_known_by_the_prefix_of_its_name_is_no_proof(event: Make, world: Make) -> None:
    body = {**POD, "metadata": {"generateName": "web-"}}
    found = world(event("create", "pods", requestObject=body), event("get", "pods/exec", "web-abcde"))
    assert [one.proved for one in gained(found, [2])] == [False]


def test_the_account_of_a_pod_outlives_changes_that_nobody_tells(event: Make, world: Make) -> None:
    found = world(
        event("create", "pods", "p", requestObject=POD), event("patch", "pods", "p"), event("get", "pods/exec", "p")
    )
    assert [one.proved for one in gained(found, [3])] == [True]


def test_a_token_brings_its_account_and_its_credential(event: Make, world: Make) -> None:
    annotations = {"authorization.k8s.io/decision": "allow", ISSUED: "JTI=1"}
    [one] = gained(world(event("create", "serviceaccounts/token", "web", annotations=annotations)), [1])
    assert (one.user, one.how, one.credential) == ("system:serviceaccount:shop:web", "token", "JTI=1")


@pytest.mark.parametrize("approved", [True, False])
def test_a_certificate_brings_its_subject_once_approved(event: Make, world: Make, approved: bool) -> None:
    from cryptography import x509  # noqa: PLC0415  as dear as in the view that reads it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "root")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    pem = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM
    )
    import base64  # noqa: PLC0415

    body = {"spec": {"request": base64.b64encode(pem).decode()}}
    approval = [event("update", f"{CSR}/approval", "x", None)] if approved else []
    found = world(event("create", CSR, "x", None, requestObject=body), *approval)
    assert [(one.user, one.how) for one in gained(found, [1])] == [("root", "certificate")] * approved


def test_the_identities_that_can_be_had_are_those_of_tokens_and_certificates(event: Make, world: Make) -> None:
    found = world(event("create", "serviceaccounts/token", "web"), event("create", CSR, "x", None))
    assert obtainable(found) == {"system:serviceaccount:shop:web"}


def test_a_move_is_an_address_of_which_no_earlier_hour_knows() -> None:
    seen = frozenset(
        {Seen("a", None, 1), Seen("a", None, 5), Seen("b", None, 5), Seen("c", None, 4), Seen(None, None, 6)}
    )
    assert moved(seen, 5) == ("b",)
    assert moved(frozenset(), 5) == ()
