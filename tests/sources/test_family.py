import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwho.sources.family import family, seniority


@pytest.mark.parametrize(
    "name",
    [
        "audit.log",
        "audit-2026-11-21T02-57-38.090.log",
        "audit-2026-11-21T02-57-38.090.log.gz",
        "audit.log.1",
        "audit.log.12.gz",
        "audit.log.2.zst",
        "audit.log-20261121",
        "audit.log-20261121.gz",
        "audit.log-20261121-1.gz",
        "audit.log.2026-11-21",
        "audit-20261121.log",
        "audit-2026-11-21.log.ZST",
        "audit.log.20261121-025738",
        "audit.log.20261121-025738.gz",
        "audit.log.gz",
    ],
)
def test_rotated_and_compressed_names_belong_to_the_live_log(name: str) -> None:
    assert family(name) == "audit.log"


@pytest.mark.parametrize(
    "name", ["node-1.log", "audit", "1", "10.0.0.1", "a-2.json", "20261121.log", ".gz", ".1", "audit.log.12345"]
)
def test_other_numbers_in_names_are_names(name: str) -> None:
    assert family(name) == name


def test_the_oldest_comes_first_and_the_live_log_last() -> None:
    ordered = [
        "audit-2026-11-20T23-00-00.000.log.gz",
        "audit-2026-11-21T02-57-38.090.log",
        "audit.log.10.gz",
        "audit.log.2.gz",
        "audit.log.1",
        "audit.log",
        "other.log.1",
        "other.log",
    ]
    mixed = ordered[::-1]
    assert sorted(mixed, key=seniority) == ordered


@given(names=st.lists(st.text(alphabet="audit.log-20261123T.gz\udc80\n١", max_size=30), max_size=8))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=seniority) == sorted(names, key=seniority)


def test_a_name_of_any_length_costs_little() -> None:
    name = "audit-" + "2026-11-21-" * 10_000
    assert family(name) == name
