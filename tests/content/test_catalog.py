"""No row of the catalog is forgotten: each has a rule, or a reason why it has none."""

from typing import Any

from kwho.detect.catalog import Catalog, Family, read_catalog


def test_the_catalog_has_its_hundred_and_forty_rows() -> None:
    assert len(list(read_catalog().rows())) == 140


def test_rows_are_numbered_within_their_family() -> None:
    assert list(Catalog({"A": Family("x", 2), "N": Family("y", 1)}).rows()) == ["A01", "A02", "N01"]


def test_every_row_has_a_rule_or_a_reason(pack: Any) -> None:
    catalog = read_catalog()
    rows = set(catalog.rows())
    covered = {row for rule in (*pack.rules.rules, *pack.rules.correlations) for row in rule.detections}
    assert sorted(covered - rows) == [], "rules name rows that the catalog does not have"
    assert sorted(rows - covered - set(catalog.missing)) == [], "rows without a rule and without a reason"
    assert len(covered) >= 130
    assert all(len(reason) >= 20 for reason in catalog.missing.values())
