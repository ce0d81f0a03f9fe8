"""What the state that the log told before says about an event; laid down by whoever knows it, empty until then."""

from kwho.views import Look

Value = str | int | bool | tuple[str, ...] | None


def situation(_look: Look) -> dict[str, Value]:
    """What is known of the things that the event is about, by key; nothing before somebody lays it down."""
    return {}
