"""A log as a poorer audit policy would have recorded it: requests left out, stages left out, bodies taken away."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from kwho.policy.model import Policy, Request, decide
from kwho.schema.event import ABSENT, LEVELS, Event, ObjectRef, User

_DECODER: Final = msgspec.json.Decoder(Event)


def thinned(lines: Iterable[bytes], policy: Policy) -> Iterator[bytes]:
    """The native lines that are left of `lines` under a policy; none says more than it did."""
    for line in lines:
        event = _DECODER.decode(line)
        decision = decide(policy, _request(event))
        if decision.level == "None" or event.stage in decision.omitted:
            continue
        yield line if _rank(decision.level) >= _rank(event.level) else _without_bodies(event, decision.level)


def _without_bodies(event: Event, level: str) -> bytes:
    request = event.requestObject if level == "Request" else ABSENT
    thin = msgspec.structs.replace(event, level=level, requestObject=request, responseObject=ABSENT)
    return msgspec.json.encode(thin) + b"\n"


def _rank(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def _request(event: Event) -> Request:
    user, ref = event.user or User(), event.objectRef or ObjectRef()
    return Request(
        event.verb or "",
        user.username,
        user.groups or (),
        resource=ref.resource,
        subresource=ref.subresource,
        group=ref.apiGroup or "",
        namespace=ref.namespace or "",
        name=ref.name or "",
        path=(event.requestURI or "").partition("?")[0],
    )
