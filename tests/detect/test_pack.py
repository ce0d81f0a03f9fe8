"""The rule set of one run."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kwho import plugins
from kwho.detect import pack
from kwho.detect.pack import assemble, entries, find_rule, read_sources, starting, suggest
from kwho.detect.rule import Refused, RuleSet
from kwho.errors import InvalidRuleError

Write = Callable[..., str]
COUNT = "type: event_count\nrules: [rule-1]\ntimespan: 1m\ncondition: {gte: 2}\ngenerate: true"


@pytest.fixture
def folder(tmp_path: Path, write_rule: Write, write_correlation: Write) -> Path:
    rules = tmp_path / "rules"
    (rules / "deep").mkdir(parents=True)
    row = "kwho: {detections: [D01]}"
    (rules / "one.yaml").write_text(write_rule("sel: {verb: create}\ncondition: sel", title="First", more=row))
    (rules / "deep" / "two.yml").write_text(write_rule("sel: {verb: get}\ncondition: sel", number=2, title="Second"))
    (rules / "deep" / "count.yaml").write_text(write_correlation(COUNT))
    return rules


def compiled(folder: Path, **more: list[str]) -> RuleSet:
    return assemble([folder], pack=False, **more)


def test_the_pack_and_the_folders_are_one_set(folder: Path) -> None:
    own = compiled(folder)
    both = assemble([folder])
    assert [rule.title for rule in own.rules] == ["First", "Second"]
    assert len(both.rules) > len(own.rules)
    assert {rule.id for rule in own.rules} <= {rule.id for rule in both.rules}
    assert assemble([], pack=False) == RuleSet()


def test_a_folder_that_is_named_twice_is_read_once(folder: Path) -> None:
    found = assemble([folder, folder / "deep" / ".."], pack=False)
    assert len(found.rules) == 2
    assert found.refused == ()


def test_files_that_cannot_be_read_are_refused_by_path(folder: Path) -> None:
    (folder / "torn.yaml").write_bytes(b"title: \xff\n")
    (refused,) = compiled(folder).refused
    assert refused == Refused("", "", str(folder / "torn.yaml"), f"{folder / 'torn.yaml'}: not UTF-8 at byte 7")


def test_an_unchanged_set_comes_from_the_cache_without_parsing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiled(folder)
    monkeypatch.setitem(sys.modules, "kwho.detect.sigma", None)
    assert compiled(folder) == first
    (folder / "one.yaml").write_text("title: [")
    with pytest.raises(ImportError):
        compiled(folder)


def test_a_torn_or_foreign_cache_is_rebuilt(folder: Path, tmp_path: Path) -> None:
    first = compiled(folder)
    plugins.save_cached(pack._key(read_sources([folder], pack=False)), b"\x93 an older form")
    assert compiled(folder) == first
    (cached,) = (tmp_path / "cache" / "kwho").glob("rules-*.msgpack")
    for content in (b"", b"\x00torn", cached.read_bytes()[:-3], cached.read_bytes() + b"\x00"):
        cached.write_bytes(content)
        assert compiled(folder) == first


def test_new_code_or_a_new_version_makes_the_cache_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = read_sources([folder], pack=False)
    keys = {pack._key(sources)}
    monkeypatch.setattr(pack, "__version__", "99")
    keys.add(pack._key(sources))
    monkeypatch.setattr(plugins, "code_stamp", lambda: "other")
    keys.add(pack._key(sources))
    keys.add(pack._key(sources[:1]))
    assert len(keys) == 4


def test_a_wheel_ships_the_pack_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = pack.compile_pack()
    monkeypatch.setattr(plugins, "load_compiled", shipped.removeprefix)
    monkeypatch.setattr(plugins, "load_cached", lambda key: None)
    monkeypatch.setitem(sys.modules, "kwho.detect.sigma", None)
    found = assemble([])
    assert len(found.rules) > 40
    assert found.refused == ()


@pytest.mark.parametrize("wanted", ["rule-2", "SECOND", "00000000-0000-4000-8000-000000000002"])
def test_a_rule_is_disabled_by_id_name_or_title(folder: Path, wanted: str) -> None:
    assert [rule.title for rule in compiled(folder, disable=[wanted]).rules] == ["First"]


def test_a_rule_is_disabled_by_the_start_of_its_id_unless_another_begins_so(folder: Path, write_rule: Write) -> None:
    text = write_rule("sel: {verb: list}\ncondition: sel", number=3, title="Third")
    (folder / "three.yaml").write_text(text.replace("00000000-", "ABCD0000-"))
    assert [rule.title for rule in compiled(folder, disable=["abcd"]).rules] == ["First", "Second"]
    with pytest.raises(InvalidRuleError, match=r"no rule has that id or name; 3 ids begin so:\n  00000000-.* First\n"):
        compiled(folder, disable=["0000"])


def test_a_disabled_rule_that_is_counted_stays_silent(folder: Path) -> None:
    found = compiled(folder, disable=["rule-1"])
    assert [(rule.title, rule.silent) for rule in found.rules] == [("First", True), ("Second", False)]
    assert len(found.correlations) == 1
    gone = compiled(folder, disable=["rule-1", "rule-9"])
    assert [rule.title for rule in gone.rules] == ["Second"]
    assert gone.correlations == ()


def test_a_refused_rule_can_be_disabled(folder: Path, write_rule: Write) -> None:
    (folder / "bad.yaml").write_text(write_rule("sel: {verbs: x}\ncondition: sel", number=3, title="Bad"))
    assert [entry.title for entry in compiled(folder).refused] == ["Bad"]
    assert compiled(folder, disable=["bad"]).refused == ()


def test_disabling_what_does_not_exist_is_an_error_with_a_suggestion(folder: Path) -> None:
    with pytest.raises(
        InvalidRuleError, match='cannot disable "frist": no rule has that id or name; did you mean "first"'
    ):
        compiled(folder, disable=["frist"])


def test_a_row_of_the_catalog_disables_nothing_and_names_what_covers_it(folder: Path) -> None:
    with pytest.raises(InvalidRuleError, match=r"is a row of the catalog, and what covers it is:\n  0000\S+1  First$"):
        compiled(folder, disable=["d01"])


def test_rules_are_found_as_people_name_them(folder: Path) -> None:
    rules = compiled(folder)

    def titles(wanted: str) -> list[str]:
        return [entry.title for entry in find_rule(rules, wanted)]

    assert titles("first") == titles("rule-1") == titles("d01") == ["First"]
    assert titles("00000000-0000-4000-8000-000000000002") == ["Second"]
    assert titles("0000") == titles("000") == titles("nothing") == []
    assert [entry.title for entry in starting(rules, "0000")] == ["First", "Second", "Together"]
    assert len(entries(rules)) == 3
    assert suggest(rules, "zzz") == "; `kwho rules list` shows all"
    assert suggest(rules, "00") == suggest(rules, "0000")
    assert suggest(rules, "00000000-0000-4000-8000-000000000001").startswith("; one id begins so:\n  00000000-")
    assert suggest(rules, "0000").splitlines()[:2] == [
        "; 3 ids begin so:",
        "  00000000-0000-4000-8000-000000000001  First",
    ]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder of rules"):
        compiled(tmp_path / "absent")
