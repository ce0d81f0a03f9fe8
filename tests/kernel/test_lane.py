"""A lane is a shorter way to the same answer."""

from collections.abc import Iterator

import msgspec
import pytest

from kwho.detect.pack import assemble
from kwho.engine.memory import scan_bytes
from kwho.kernel import matching
from kwho.sample import generate
from kwho.schema.result import Result


def reads() -> Iterator[dict[str, object]]:
    """Many reads of secrets by few accounts: in and out of order, with claims, other groups, agents and namespaces."""
    for number in range(600):
        second = (number * 37) % 600
        name = f"system:serviceaccount:shop:web-{number % 3}"
        groups = ["system:serviceaccounts", "system:authenticated"] + (["extra"] if number % 7 == 0 else [])
        yield {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "auditID": f"a-{number}",
            "stage": "ResponseStarted" if number % 11 == 0 else "ResponseComplete",
            "requestURI": f"/api/v1/namespaces/ns-{number % 2}/secrets/s-{number % 40}",
            "verb": ("get", "list", "watch", "get")[number % 4],
            "user": {"username": name, "groups": groups},
            "sourceIPs": ["198.51.100.7", "10.0.0.1"] if number % 13 == 0 else ["10.0.0.1"],
            "userAgent": f"agent-{number % 5}",
            "objectRef": {"resource": "secrets", "namespace": f"ns-{number % 2}", "name": f"s-{number % 40}"},
            "responseStatus": {"metadata": {}, "code": 403 if number % 17 == 0 else 200},
            "requestReceivedTimestamp": f"2026-01-05T10:{second // 60:02d}:{second % 60:02d}.000000Z",
            "annotations": {
                "authorization.k8s.io/decision": "forbid" if number % 17 == 0 else "allow",
                "authorization.k8s.io/reason": "",
            },
        }


def scan(log: bytes) -> Result:
    return scan_bytes(log, assemble([]))


@pytest.mark.parametrize("log", ["reads", "sample"])
def test_the_answer_with_lanes_is_the_answer_without(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if log == "reads":
        data = b"\n".join(map(msgspec.json.encode, reads()))
    else:
        data = b"".join(line for line, _ in zip(generate(42), range(40_000), strict=False))
    short = scan(data)
    monkeypatch.setattr(matching, "lane_for", lambda *_: None)
    whole = scan(data)
    assert short.findings == whole.findings
    assert len(whole.findings) > 10
