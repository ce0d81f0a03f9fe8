"""What all tests share: settings of Hypothesis, events, looks at events, and the compiler.

Properties are judged by what they find, never by how long a shared machine takes.
"""

import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look

settings.register_profile("kwho", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("kwho"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "kwho")

LookAt = Callable[..., Look]

TEN = datetime(2026, 1, 5, 10)
TOOK = timedelta(microseconds=100)


def _event(number: int = 0, at: float | None = None, **members: Any) -> dict[str, Any]:
    received = TEN + timedelta(seconds=number % 3_600 if at is None else at)
    made: dict[str, Any] = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "auditID": f"00000000-0000-4000-8000-{number:012d}", "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/secrets/s{number}", "verb": "get",
        "user": {"username": "ana", "groups": ["system:authenticated"]},
        "sourceIPs": ["10.0.0.7"], "userAgent": "kubectl/v1.34",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": f"s{number}", "apiVersion": "v1"},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": _written(received), "stageTimestamp": _written(received + TOOK),
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }  # fmt: skip
    made |= members
    return {name: value for name, value in made.items() if value is not None}


def _written(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='microseconds')}Z"


@pytest.fixture(scope="session")
def event() -> Callable[..., dict[str, Any]]:
    """One event as a dictionary, `at` seconds after ten, else `number`; a member given as None is left out."""
    return _event


@pytest.fixture(scope="session")
def look_at() -> LookAt:
    """Builds a look from members of a native event; bodies may be given as bytes, to be taken as they are."""

    def build(**members: Any) -> Look:
        raw = {key: members.pop(key) for key in ("requestObject", "responseObject") if key in members}
        event = msgspec.json.decode(json.dumps(members), type=Event)
        bodies = {
            key: msgspec.Raw(value if isinstance(value, bytes) else json.dumps(value).encode())
            for key, value in raw.items()
        }
        return Look(msgspec.structs.replace(event, **bodies), Context("native"))

    return build


@pytest.fixture(scope="session")
def build() -> ModuleType:
    """The build hook, as a module."""
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", Path(__file__).parents[1] / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def compiler(build: ModuleType) -> list[str]:
    """The C compiler of this machine; without one a test is skipped, but not where all must be tested."""
    found: list[str] = build.compiler()
    if shutil.which(found[0]) is None:
        assert not os.environ.get("CI"), "the checks need a C compiler"
        pytest.skip("no C compiler")
    return found
