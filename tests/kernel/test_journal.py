"""The journal gives back what was noted, whatever a client wrote, and the roll tells which looks stand."""

from collections import Counter
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from kwho.kernel import journal as journals
from kwho.kernel.columns import Copies
from kwho.kernel.findings import CITED, ends
from kwho.kernel.journal import STARTED, Journal, Sighting, better, position, precedence
from kwho.kernel.roll import Roll

UUID = "7c9d1b2e-0000-4000-8000-00000000000f"
NEARLY = st.sampled_from([UUID.upper(), UUID.replace("-", "_"), UUID.replace("c", "g"), UUID.replace("-", "0", 1), ""])
IDS = st.one_of(st.none(), st.just(UUID), st.uuids().map(str), NEARLY, st.text(min_size=36, max_size=36))
LOOKS = st.builds(
    Sighting, st.integers(-1, 9), st.integers(0, 5), st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 50]),
    st.integers(0, 99), st.integers(0, 2), st.integers(1, 9), st.sampled_from(["ResponseComplete", "x", None]), IDS,
)  # fmt: skip
NOTHING: set[int] = set()


def copies(superseded: set[int] = NOTHING, outlasted: set[int] = NOTHING, outlived: set[int] = NOTHING) -> Copies:
    return Copies(Counter(), 0, superseded, outlasted, outlived, [])


def noted(looks: list[Sighting]) -> Journal:
    journal = Journal()
    assert [journal.note(look) for look in looks] == list(range(len(looks)))
    return journal


@given(st.lists(LOOKS, max_size=20), st.lists(LOOKS, max_size=20))
def test_every_row_gives_back_the_look_that_was_noted_also_in_a_longer_journal(
    mine: list[Sighting], theirs: list[Sighting]
) -> None:
    journal = noted(mine)
    assert journal.extend(noted(theirs)) == len(mine)
    assert [journal.sighting(row) for row in range(len(journal))] == [*mine, *theirs]
    assert journal.started() == {look.key for look in (*mine, *theirs) if look.rank & STARTED}


@given(st.lists(LOOKS, min_size=1, max_size=20), st.data())
def test_columns_of_some_rows_say_what_each_row_says(looks: list[Sighting], data: st.DataObject) -> None:
    journal = noted(looks)
    rows = data.draw(st.lists(st.integers(0, len(looks) - 1), min_size=2, max_size=9))
    seen = journal.columns(rows)
    told = zip(map(journal.places.__getitem__, seen.places), *seen[1:], strict=False)
    assert [*told] == [
        ((look.file, look.start), look.line, look.offset, look.within, look.stage, look.audit_id)
        for look in map(looks.__getitem__, rows)
    ]


def test_columns_are_encodable_whatever_a_client_wrote() -> None:
    look = Sighting(1, 1, 0, 0, 0, 0, 0, 1, "\ud800", "\udfff")
    seen = noted([look, look]).columns([0, 1])
    assert [*zip(seen.stages, seen.audit_ids, strict=True)] == [("\\ud800", "\\udfff")] * 2


@given(st.lists(LOOKS, max_size=20), st.sampled_from([1, 3, 1 << 18]))
def test_audit_ids_that_several_requests_bear_are_found(looks: list[Sighting], together: int) -> None:
    borne = {look.audit_id: {other.key for other in looks if other.audit_id == look.audit_id} for look in looks}
    shared = {audit_id for audit_id, keys in borne.items() if audit_id and len(keys) > 1}
    with mock.patch.object(journals, "_TOGETHER", together):
        assert noted(looks).shared([1] * len(looks)) == shared
        assert noted(looks).shared([0] * len(looks)) == set()


@given(st.lists(LOOKS, min_size=1, max_size=20), st.booleans())
def test_lines_that_are_appended_in_columns_are_the_looks_that_would_have_been_noted(
    looks: list[Sighting], honest: bool
) -> None:
    looks = [look._replace(file=1, start=50, within=0, audit_id=UUID if honest else _ascii(look)) for look in looks]
    journal = Journal()
    journal.begin(1, 50)
    briefs = [
        (
            look.time,
            look.key,
            journal.stage(look.stage, look.rank),
            look.offset,
            look.line,
            (look.audit_id or "").encode(),
        )
        for look in looks
    ]
    assert journal.append(briefs[:1]) == 0
    assert not briefs[1:] or journal.append(briefs[1:]) == 1
    assert [journal.sighting(row) for row in range(len(looks))] == looks


def _ascii(look: Sighting) -> str:
    return (look.audit_id or "").encode("ascii", "replace").decode()


PLACES = st.lists(LOOKS, max_size=20, unique_by=lambda look: (look.file, look.offset, look.within))


@given(PLACES, st.randoms())
def test_rows_are_in_order_of_time_and_position_however_they_came(looks: list[Sighting], chance: Any) -> None:
    chance.shuffle(looks)
    assert list(noted(looks).in_order()) == sorted(range(len(looks)), key=lambda row: position(looks[row]))


@given(LOOKS, LOOKS)
def test_precedence_is_by_quality_and_then_by_time_and_position(one: Sighting, other: Sighting) -> None:
    before = (one.rank, *position(one)) < (other.rank, *position(other))
    assert (precedence(one) < precedence(other)) is before


@given(PLACES.map(lambda looks: [look._replace(time=look.key) for look in looks]))
def test_what_stands_is_the_best_look_at_each_request(looks: list[Sighting]) -> None:
    found = Roll(noted(looks), copies()).standing(range(len(looks)))
    best = {key: min((look for look in looks if look.key == key), key=better) for key in {look.key for look in looks}}
    assert [looks[row] for row in found] == sorted(best.values(), key=position)


def test_a_look_falls_when_another_at_the_same_request_takes_its_place() -> None:
    whole, begun, bare = (Sighting(1, key, rank, 0, 0, key, 0, 1, None, None) for key, rank in ((1, 0), (2, 2), (3, 1)))
    journal = noted([whole, begun, bare])
    assert Roll(journal, copies()).standing([0, 1, 2]) == [0, 1, 2]
    assert Roll(journal, copies(superseded={1, 2})).standing([0, 1, 2]) == [0, 2]
    assert Roll(journal, copies(outlasted={1, 2})).standing([0, 1, 2]) == [1, 2]
    assert Roll(journal, copies(outlived={1, 3})).standing([0, 1, 2]) == [0, 1]


def test_both_ends_of_many_are_cited() -> None:
    assert ends(range(2 * CITED)) == range(2 * CITED)
    assert list(ends(range(3 * CITED))) == [*range(CITED), *range(2 * CITED, 3 * CITED)]
