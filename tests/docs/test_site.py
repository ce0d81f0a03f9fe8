"""What is written about site files and exclusions is so."""

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from tests.docs.conftest import ROOT, fences, name_of

from kwho.cli import root
from kwho.detect.examples import check, read_stories
from kwho.detect.pack import assemble
from kwho.detect.rule import RuleSet
from kwho.detect.sigma import load_rules
from kwho.detect.site import ADDRESSES, KEYS, Fetched, read_site
from kwho.engine.memory import judge_lines
from kwho.engine.site import LONGEST
from kwho.plugins import read_pack
from kwho.schema.site import Clock, GeoIP, Listing, People, Place, Principals, Zone

SITE = ROOT / "docs" / "reference" / "site.md"
EXCLUSIONS = ROOT / "docs" / "reference" / "exclusions.md"
HOW_TO = ROOT / "docs" / "how-to" / "quieten-what-you-know.md"
SITES = [fence for fence in fences() if fence.page in (SITE, HOW_TO) and fence.language == "yaml"]


@pytest.mark.parametrize("fence", SITES, ids=lambda fence: name_of(fence.page))
def test_every_site_of_the_documentation_can_be_read(fence) -> None:  # type: ignore[no-untyped-def]
    reading = read_site("site.yaml", fence.text, lambda _: Fetched("203.0.113.1\n", "2026-01-04"), Clock)
    assert reading.complaints == ()


@pytest.mark.parametrize("page", [SITE, HOW_TO], ids=name_of)
def test_the_site_of_a_page_passes_the_check_as_it_stands(page: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("\n".join(fence.text for fence in SITES if fence.page == page))
    found = CliRunner().invoke(root, ["config", "check", str(path)])
    assert found.exit_code == 0, found.output
    assert [line for line in found.output.splitlines() if "(warning)" in line and "has expired" not in line] == []


def test_every_key_of_a_site_is_described_and_shown() -> None:
    page = SITE.read_text("utf-8")
    sections = re.findall(r"^## `(.+)`$", page, re.MULTILINE)
    assert sections == list(KEYS)
    (shown,) = (fence.text for fence in SITES if fence.page == SITE)
    assert [key for key in KEYS if f"{key}:" not in shown] == []
    names = {
        name for kind in (Zone, GeoIP, Principals, People, Listing, Place) for name in kind.__struct_encode_fields__
    }
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_every_field_of_the_site_is_named_on_its_page() -> None:
    from kwho.fields.site import SITE as FIELDS  # noqa: PLC0415

    page = SITE.read_text("utf-8")
    assert [field.name for field in FIELDS if f"`{field.name}`" not in page] == []


def test_the_bounds_of_a_site_are_those_of_the_code() -> None:
    page = SITE.read_text("utf-8")
    assert f"| {ADDRESSES:,} |" in page
    assert f"| {LONGEST >> 20} MiB |" in page


def test_the_exclusion_of_the_documentation_holds() -> None:
    (example,) = (fence.text for fence in fences() if fence.page == EXCLUSIONS and fence.language == "yaml")
    pack = tuple((source.path, source.text) for source in read_pack())
    rules = load_rules([*pack, ("example.yaml", example)])
    assert rules.refused == ()
    stories = list(read_stories([("example.yaml", example)]))
    assert [verdict.held for verdict in check(rules, stories, judge_lines)] == [True, True]


def test_the_table_of_the_exclusions_of_the_pack_is_whole() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", EXCLUSIONS.read_text("utf-8"), re.MULTILINE))
    pack: RuleSet = assemble([])
    assert rows == {exclusion.name: exclusion.title for exclusion in pack.exclusions}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(pack), type=RuleSet) == pack
