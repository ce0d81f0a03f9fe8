"""Prefixes nobody knows."""

from kwho.formats import Facts, Inner
from kwho.formats.prefix import FORMAT


def test_an_object_that_mentions_an_audit_id_is_tried_wherever_it_begins() -> None:
    assert FORMAT.strip(b'audit> {"auditID":"q"') == Inner(b'{"auditID":"q"', Facts("generic-prefix"))


def test_other_objects_behind_text_and_far_ones_are_text() -> None:
    assert FORMAT.strip(b'reply {"a":1}') is None
    assert FORMAT.strip(b"x" * 5_000 + b'{"auditID":"q"}') is None
    assert FORMAT.strip(b"no object") is None
