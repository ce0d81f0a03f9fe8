"""What a client calls itself, without the version, which changes with each release: a hint that the client chooses."""

from typing import Final

from kwho.views import Look

LONGEST: Final = 64
"""Characters of a product name that are kept."""


def family(look: Look) -> str | None:
    """The first product of the user agent without its version, in lower case: `kubectl` of `kubectl/v1.34 (linux)`."""
    agent = (look.event.userAgent or "")[: 4 * LONGEST]
    words = agent.replace("/", " ").split(maxsplit=1)
    return words[0].lower()[:LONGEST] if words else None
