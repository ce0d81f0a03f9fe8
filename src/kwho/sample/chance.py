"""Where the sample log gets its chance from: generators that follow from a seed and a name."""

from random import Random


def seeded(*parts: object) -> Random:
    """A generator of its own for these parts, the same in every process and on every machine."""
    return Random(" ".join(map(str, parts)))  # noqa: S311  an invented log holds no secret
