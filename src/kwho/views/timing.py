"""How long a request took, and what the server says about the event itself."""

from typing import Final

from kwho.schema.moment import parse_moment
from kwho.views import Look

DEPRECATED: Final = "k8s.io/deprecated"
TRUNCATED: Final = "audit.k8s.io/truncated"


def duration(look: Look) -> int | None:
    """Microseconds between receipt and the end of the response; None at other stages and without two sound times."""
    event = look.event
    if event.stage != "ResponseComplete":
        return None
    received, completed = parse_moment(event.requestReceivedTimestamp), parse_moment(event.stageTimestamp)
    return None if received is None or completed is None else completed - received


def deprecated(look: Look) -> bool:
    """True when the request used an API version that is deprecated."""
    return (look.event.annotations or {}).get(DEPRECATED) == "true"


def truncated(look: Look) -> bool:
    """True when the server dropped the bodies because the event was too large."""
    return (look.event.annotations or {}).get(TRUNCATED) == "true"
