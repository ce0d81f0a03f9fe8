"""How clients learn what the API server serves."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from lab.client import Answer, Client, Identity
from lab.discovery import AGGREGATED, Cache, ask, walk

GROUPS = {"groups": [{"versions": [{"groupVersion": "apps/v1"}, {"groupVersion": "apps/v1beta1"}]}, {"versions": []}]}


class Asking(Client):
    """A client without a server, which keeps what it asked."""

    asked: list[tuple[str, str]]
    code = 200

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        self.asked.append((path.removesuffix("?timeout=32s"), dict(headers or {}).get("Accept", "")))
        return Answer(self.code, "", json.dumps(GROUPS if path.startswith("/apis?") else {}).encode())


@pytest.fixture
def client() -> Asking:
    found = Asking(Identity("somebody"), "10.0.0.1", "kubectl", Path("ca.pem"))
    found.asked = []
    return found


def test_a_client_of_today_learns_in_two_requests(client: Asking) -> None:
    ask(client)
    assert client.asked == [("/api", AGGREGATED), ("/apis", AGGREGATED)]


def test_an_older_client_asks_each_group_version(client: Asking) -> None:
    assert walk(client) == 3
    assert [path for path, _ in client.asked] == ["/api", "/apis", "/api/v1", "/apis/apps/v1", "/apis/apps/v1beta1"]


def test_a_server_that_refuses_ends_the_walk(client: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "send", lambda *_a, **_k: Answer(403, "", b'{"kind":"Status","code":403}'))
    assert walk(client) == 1


def test_what_was_learned_is_good_for_hours(client: Asking) -> None:
    cache = Cache(lasts=6)
    for hour in (1.0, 3.0, 6.9, 7.0, 8.0):
        cache.use(client, hour)
    assert len(client.asked) == 4


def test_a_tool_that_walks_keeps_what_it_learned_too(client: Asking) -> None:
    cache = Cache(walks=True)
    cache.use(client, 0.0)
    cache.use(client, 1.0)
    assert len(client.asked) == 5
