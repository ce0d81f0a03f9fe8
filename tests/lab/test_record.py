"""What a recording is made of."""

from pathlib import Path

import pytest
from lab.record import Wish, _chosen, audit_ids


def test_audit_ids_are_read_even_when_a_client_chose_them_badly(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(b'{"auditID":"a\\"b","x":1}\n{"auditID":"c"}\n{}\n')
    assert list(audit_ids(log)) == ['a"b', "c"]


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ValueError, match=r"unknown scenario nonsense; .* list"):
        _chosen(Wish("v1.36.1", "important", 1, 1.0, ("nonsense", "self-admin")))


def test_without_a_choice_all_are_played() -> None:
    assert len(_chosen(Wish("v1.36.1", "important", 1, 1.0))) > 60


def test_a_choice_keeps_its_order() -> None:
    wish = Wish("v1.30.4", "important", 1, 1.0, ("self-admin", "travel"))
    assert [scenario.name for scenario in _chosen(wish)] == ["self-admin", "travel"]
