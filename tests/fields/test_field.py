"""Rows of the table: what a helper adds and what it leaves alone."""

from kwho.fields.field import decided_by, field, needing

PLAIN = field("a", "text", lambda look: look.event.verb, "A sentence.", "b")


def test_a_plain_field_is_always_there() -> None:
    assert (PLAIN.dimension, PLAIN.needs, PLAIN.level, PLAIN.aliases) == (None, (), "Metadata", ("b",))


def test_a_dimension_and_a_need_are_added_to_a_copy() -> None:
    (decided,) = decided_by("operation", PLAIN)
    (needed,) = needing("requestObject", "Request", decided)
    assert (needed.dimension, needed.needs, needed.level) == ("operation", ("requestObject",), "Request")
    assert (needed.name, needed.aliases, PLAIN.dimension) == ("a", ("b",), None)
