from collections.abc import Callable
from typing import Any

from kwho.schema.moment import MINUTE

Make = Callable[..., Any]
CSR = "certificatesigningrequests"


def test_the_whole_story_is_told_from_any_request(event: Make, tell: Make, told: Make, claim: Make) -> None:
    looks = (
        event("create", CSR, "x", None, user={"username": "old"}, requestObject={"spec": {}}),
        event("delete", CSR, "x", None, user={"username": "old"}),
        event("create", CSR, "x", None, requestObject={"spec": {"signerName": "s"}}),
        event("update", f"{CSR}/approval", "x", None, user={"username": "bo"}),
        event("delete", CSR, "x", None, user={"username": "eve"}),
    )
    found = tell("followed_certificate", *looks)
    assert found["certificate.requestor"] == "ana"
    assert found["certificate.approver"] == "bo"
    assert found["certificate.signerName"] == "s"
    assert found["certificate.deletedBy"] == "eve"
    assert [at.time // MINUTE for at in claim("followed_certificate", *looks).cites] == [3, 4]


def test_an_earlier_request_of_the_same_name_is_another(event: Make, tell: Make) -> None:
    found = tell(
        "followed_certificate",
        event("create", CSR, "x", None, user={"username": "old"}, requestObject={"spec": {}}),
        event("create", CSR, "x", None, requestObject={"spec": {}}),
    )
    assert found["certificate.requestor"] == "ana"
