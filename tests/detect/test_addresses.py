"""Lists of addresses in the forms in which people publish them."""

from hypothesis import given
from hypothesis import strategies as st

from kwho.detect.addresses import is_network, read_addresses


def test_one_address_or_network_a_line() -> None:
    assert read_addresses("198.51.100.7\n2001:db8::/32\r\n10.0.0.0/8\n") == (
        ["198.51.100.7", "2001:db8::/32", "10.0.0.0/8"],
        [],
    )


def test_remarks_columns_and_copies_are_left_out() -> None:
    text = "# a list\n\n198.51.100.0/24 ; SBL1\n198.51.100.9,DE,x\n198.51.100.9\tagain\n; end\n"
    assert read_addresses(text) == (["198.51.100.0/24", "198.51.100.9"], [])


def test_the_exit_list_of_the_tor_project() -> None:
    text = (
        "ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-01-05 08:01:10\n"
        "LastStatus 2026-01-05 09:00:00\nExitAddress 198.51.100.7 2026-01-05 09:05:11\n"
    )
    assert read_addresses(text) == (["198.51.100.7"], [])


def test_lines_without_an_address_are_named() -> None:
    assert read_addresses("ip,country\n198.51.100.7\nexample.com\n" + "1" * 2_000) == (["198.51.100.7"], [1, 3, 4])


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found, _ = read_addresses(text)
    assert all(map(is_network, found))
