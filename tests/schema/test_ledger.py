"""The ledger checks itself."""

import msgspec

from kwho.schema.ledger import Counts, Gap


def test_every_record_is_accounted_for_exactly_once() -> None:
    whole = Counts(records=21, events=1, duplicates=2, truncated=3, malformed=4, filtered=5, unreadable=6)
    whole.filtered_by = {"user": 2, "not_audit": 3}
    assert whole.reconciles
    for name in ("records", "events", "duplicates", "truncated", "malformed", "filtered", "unreadable"):
        broken = msgspec.structs.replace(whole, **{name: getattr(whole, name) + 1})
        assert not broken.reconciles
    assert not msgspec.structs.replace(whole, filtered_by={"user": 2}).reconciles
    assert Counts().reconciles


def test_a_gap_is_written_with_the_key_of_the_contract() -> None:
    assert msgspec.json.encode(Gap("a", "b", None)) == b'{"from":"a","to":"b","instance":null}'
