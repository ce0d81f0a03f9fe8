"""Citations that compiled code writes are those that are made one by one."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel.columns import Copies
from kwho.kernel.findings import Positions
from kwho.kernel.journal import Journal, Sighting
from kwho.kernel.roll import Roll
from kwho.schema.finding import Cited, encodable, written

HOSTILE = ["a.log", 'a"\\\n\x00\x7f.log', "\udcff\ud800.log", "é\u202e.log", "x" * 5_000]
STAGES = ["ResponseComplete", "ResponseStarted", None, "", '"\\\x00', "\ud800", "é"]
IDS = st.one_of(st.uuids().map(str), st.uuids().map(str), st.none(), st.text(max_size=40))
FAR = 2**63 - 1
LOOKS = st.builds(
    Sighting, st.just(7), st.integers(0, 5), st.integers(0, 3), st.integers(0, 4), st.sampled_from([0, 50]),
    st.integers(0, FAR), st.sampled_from([0, 0, 0, 2]), st.integers(1, FAR - 60), st.sampled_from(STAGES), IDS,
)  # fmt: skip


def positions(looks: list[Sighting]) -> Positions:
    journal = Journal()
    for look in looks:
        journal.note(look)
    roll = Roll(journal, Copies(Counter(), 0, set(), set(), set(), []))
    before = {(file, start): start + file for file in range(len(HOSTILE)) for start in (0, 50)}
    return Positions(roll, before, dict(enumerate(HOSTILE)))


@given(st.lists(LOOKS, min_size=1, max_size=30), st.data())
def test_what_is_written_is_what_is_made(looks: list[Sighting], data: st.DataObject) -> None:
    found = positions(looks)
    rows = data.draw(st.lists(st.integers(0, len(looks) - 1), max_size=60))
    one = msgspec.json.encode(Cited(rows, found.cite_rows, found.write), enc_hook=written)
    assert one == msgspec.json.encode([found.cite(looks[row]) for row in rows])


def test_an_audit_id_that_is_no_uuid_is_left_to_others(compiler: list[str]) -> None:
    usual = Sighting(7, 1, 0, 0, 0, 1, 0, 1, "ResponseComplete", "7c9d1b2e-0000-4000-8000-00000000000f")
    found = positions([usual, usual._replace(audit_id="x"), usual._replace(within=1)])
    text = found.write([0])
    assert text is not None
    assert msgspec.json.decode(text)[0]["audit_id"] == usual.audit_id
    assert found.write([0, 1]) is found.write([0, 2]) is None
    assert encodable(HOSTILE[0]) in text.decode()
