"""Citations that are made on demand are as good as a tuple of them."""

import copy
import pickle
from array import array
from collections.abc import Sequence

import msgspec
import pytest

from kwho.schema.finding import Citation, Cited, Finding, Principal, RuleRef, Source, Span, Target, plain


def cite(row: int) -> Citation:
    return Citation(f"a-{row}", "ResponseComplete", "audit.log", row, 100 * row, 0)


def cites(rows: Sequence[int]) -> list[Citation]:
    return [cite(row) for row in rows]


CITED = Cited(array("I", [1, 2, 5]), cites)
TUPLE = (cite(1), cite(2), cite(5))
FINDING = Finding(
    id="f-1",
    detector="rule",
    rule=RuleRef("r", "R", "low"),
    title="R",
    severity="low",
    cluster=None,
    time=Span(None, None),
    principal=Principal("ana", "human"),
    source=Source(None),
    target=Target(),
    outcome="success",
    count=3,
    events=CITED,
    events_total=3,
    evidence=(),
)


def test_citations_on_demand_are_equal_to_the_tuple_of_them() -> None:
    assert TUPLE == CITED == TUPLE == Cited(array("I", [1, 2, 5]), cites)
    assert TUPLE[:2] != CITED
    assert len({CITED, TUPLE}) == 1
    assert (CITED[1:], CITED[-1], [*reversed(CITED)]) == (TUPLE[1:], TUPLE[-1], [*reversed(TUPLE)])
    assert cite(2) in CITED
    assert not Cited((), cites)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_of_them_is_a_tuple(make: object) -> None:
    assert callable(make)
    assert type(make(CITED)) is tuple
    assert make(FINDING) == FINDING


def test_a_finding_is_read_back_as_it_was_written() -> None:
    read = msgspec.json.decode(msgspec.json.encode(FINDING, enc_hook=plain), type=Finding)
    assert read == FINDING == msgspec.convert(msgspec.to_builtins(FINDING, enc_hook=plain), Finding)
    assert hash(read) == hash(FINDING)
    assert msgspec.structs.replace(FINDING, title="S").events is CITED
