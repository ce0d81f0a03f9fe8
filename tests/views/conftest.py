"""A look at an event that is written as its JSON."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look

LookAt = Callable[..., Look]


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
