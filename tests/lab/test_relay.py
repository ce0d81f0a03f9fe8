"""The relay knows the ids of upgraded connections because it sends them."""

import uuid

from lab.relay import _with_id


def test_an_upgrade_gets_an_id_of_its_own() -> None:
    noted: list[str] = []
    head = _with_id(b"GET /exec HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", noted.append)
    assert str(uuid.UUID(noted[0])) == noted[0]
    assert head.split(b"\r\n")[1] == b"Audit-ID: " + noted[0].encode()
    assert head.endswith(b"Upgrade: websocket\r\n\r\n")


def test_a_plain_request_is_passed_on_as_it_is() -> None:
    noted: list[str] = []
    assert _with_id(b"GET / HTTP/1.1\r\nHost: h\r\n\r\nbody", noted.append) == b"GET / HTTP/1.1\r\nHost: h\r\n\r\nbody"
    assert noted == []
