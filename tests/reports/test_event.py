"""One event in one line."""

from typing import Any

import msgspec
import pytest

from kwho.reports.event import event_line
from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look


def line(width: int = 400, **members: Any) -> str:
    usual: dict[str, Any] = {
        "verb": "get", "stage": "ResponseComplete", "user": {"username": "ana"}, "sourceIPs": ["1.2.3.4", "10.0.0.7"],
        "objectRef": {"resource": "pods", "subresource": "log", "namespace": "shop", "name": "web"},
        "responseStatus": {"code": 200}, "requestReceivedTimestamp": "2026-01-05T10:00:00.000000Z",
    }  # fmt: skip
    made = {name: value for name, value in (usual | members).items() if value is not None}
    return event_line(Look(msgspec.convert(made, type=Event), Context("native")), width).decode()


def test_a_line_says_who_from_where_what_and_how_it_ended() -> None:
    found = line(impersonatedUser={"username": "root"})
    for part in ("ana as root", "from 10.0.0.7", "get pods/log web in shop", "success 200", "2026-01-05"):
        assert part in found
    assert "1.2.3.4" not in found
    assert found.endswith("\n")


def test_a_line_without_a_resource_names_the_address() -> None:
    assert "get /healthz" in line(objectRef=None, requestURI="/healthz")
    assert line(verb=None, objectRef=None, user=None, sourceIPs=None, responseStatus=None).strip()


@pytest.mark.parametrize("width", [20, 80])
def test_no_line_is_wider_than_the_screen_nor_obeyed_by_it(width: int) -> None:
    found = line(width, user={"username": "\x1b[31m\u202e\n" + "x" * 500})
    assert len(found.rstrip("\n")) <= width
    assert found.count("\n") == 1
    assert not {"\x1b", "\u202e"} & set(found)
