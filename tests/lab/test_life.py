"""Everyday life: the compressed day, releases as Helm makes them, and watches that go on where they ended."""

import json
import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import Mock

import pytest
from lab.client import Answer, Client, Identity
from lab.life import Day, _members
from lab.life.controllers import _watch
from lab.life.pipelines import _apply, _begin, _end, _part

EVENT = {"type": "MODIFIED", "object": {"metadata": {"resourceVersion": "812"}}}


class Answering(Client):
    """A client without a server: says what it is told to, and keeps what it sent."""

    sent: list[str]
    told: Answer

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        self.sent.append(f"{method} {path.rpartition('/')[2].partition('?')[0]}")
        return self.told


@pytest.fixture
def client() -> Answering:
    found = Answering(Identity("payments-ci"), "10.20.0.5", "Helm/3.8.2", Path("ca.pem"))
    found.sent, found.told = [], Answer(200, "")
    return found


def test_a_day_is_squeezed_into_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    day = Day(Mock(), threading.Event(), random.Random(1), begin=100.0, length=240.0)
    monkeypatch.setattr(time, "monotonic", lambda: 290.0)
    assert (day.hours, day.hour, day.left) == (19.0, 1.0, 50.0)
    monkeypatch.setattr(time, "monotonic", lambda: 400.0)
    assert day.left == 0


def test_every_kind_of_work_has_a_name_of_its_own() -> None:
    names = [name for name, _ in _members()]
    assert len(names) == len(set(names)) > 40


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ([], "7"),
        ([EVENT], "812"),
        ([EVENT, {"type": "ERROR", "object": {"kind": "Status", "metadata": {}, "code": 410}}], ""),
        ([{"kind": "Status", "metadata": {}, "code": 429}], ""),
    ],
)
def test_a_watch_goes_on_where_it_ended(client: Answering, lines: list[dict[str, object]], version: str) -> None:
    client.told = Answer(200, "", b"\n".join(json.dumps(line).encode() for line in lines))
    assert _watch(client, "/api/v1/pods?allowWatchBookmarks=true&resourceVersion=7", 5) == version


def test_helm_looks_before_it_makes_or_changes(client: Answering) -> None:
    _apply(client, _part("ledger-flags", 3))
    client.told = Answer(404, "")
    _apply(client, _part("ledger-3", 3))
    assert client.sent == ["GET ledger-flags", "PATCH ledger-flags", "GET ledger-3", "POST configmaps"]


def test_helm_keeps_the_last_releases(client: Answering) -> None:
    name = "sh.helm.release.v1.ledger.v"
    _begin(client, "payments", "ledger", 1)
    _end(client, "payments", "ledger", 1)
    assert client.sent == ["GET secrets", "POST secrets", f"PUT {name}1"]
    client.sent.clear()
    _end(client, "payments", "ledger", 7)
    assert client.sent == [f"PUT {name}7", f"PUT {name}6", f"DELETE {name}2"]
