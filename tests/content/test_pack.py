"""The rule pack as a whole: it loads, its examples hold, it covers the catalog, and its levels mean something."""

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

from kwho.detect.examples import check, expand
from kwho.detect.lint import lint
from kwho.engine.memory import judge_lines
from kwho.formats import CONTEXT_NATIVE
from kwho.formats.ladder import STRICT
from kwho.kernel.judge import Judge
from kwho.query.ast import And, Not
from kwho.sample import generate
from kwho.schema.event import User
from kwho.views import Look

Matches = Callable[..., bool]


def rows(text: str) -> set[str]:
    return set(text.split())


MANDATORY = rows(
    "A01 A02 A03 A04 A05 A06 A07 A08 A14 A15 B01 B03 B05 B07 C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 "
    "C17 C18 C19 C22 C23 D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14 E01 E02 E03 E04 E05 E06 E07 E08 E09 "
    "E10 E11 E12 E13 E14 E15 E16 E17 E18 E19 E20 F01 F02 F03 F04 F05 F07 F08 F12 F13 F14 F15 F16 F17 F18 F19 F20 F24 "
    "G01 G02 G03 G04 G05 G06 H01 I01 I02 I03 I05 N03 N10 N14"
)
NOBODYS = ("10.", "127.0.0.1", "::1", "192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
ACTIVITY = rows("A05 B09 C19 D03 E03 E07 E09 E19 F01 F12 G03 G07 I03 I04")


def everything(pack: Any) -> list[Any]:
    return [*pack.rules.rules, *pack.rules.correlations]


def test_nothing_of_the_pack_is_refused(pack: Any) -> None:
    assert [entry.reason for entry in pack.rules.refused] == []
    assert len(everything(pack)) >= 48


def test_the_linter_has_nothing_to_say(pack: Any) -> None:
    assert [str(complaint) for complaint in lint(pack.sources)] == []


def test_ids_names_and_titles_are_unique(pack: Any) -> None:
    for key in ("id", "name", "title"):
        counted = Counter(getattr(rule, key) for rule in everything(pack))
        assert [value for value, count in counted.items() if count > 1] == [], key


def test_a_file_is_called_like_its_rule(pack: Any) -> None:
    for rule in everything(pack):
        assert rule.path.endswith(f"/{rule.name}.yaml"), rule.path


def test_every_example_holds(pack: Any) -> None:
    wrong = [
        f"{verdict.story.path}:{verdict.story.line}: {verdict.story.why}"
        for verdict in check(pack.rules, pack.stories, judge_lines)
        if not verdict.held
    ]
    assert wrong == []


def test_every_rule_has_two_stories_of_each_kind_and_each_says_why(pack: Any) -> None:
    for rule in everything(pack):
        stories = [story for story in pack.stories if story.rule == rule.id]
        assert sum(story.fires for story in stories) >= 2, rule.path
        assert sum(not story.fires for story in stories) >= 2, rule.path
        assert all(story.why for story in stories), rule.path


def test_every_rule_says_what_it_is_for_and_what_to_do(pack: Any) -> None:
    for rule in everything(pack):
        assert len(rule.description) >= 40, rule.path
        assert rule.references, rule.path
        assert rule.response, rule.path
        assert rule.blind_spots, rule.path
        assert rule.falsepositives, rule.path


def test_the_catalog_rows_that_one_log_can_show_are_covered(pack: Any) -> None:
    covered = {row for rule in everything(pack) for row in rule.detections}
    assert sorted(MANDATORY - covered) == []


def test_activity_alone_is_informational(pack: Any) -> None:
    for rule in everything(pack):
        if set(rule.detections) & ACTIVITY:
            assert rule.level == "informational", rule.path


def test_rules_that_only_feed_correlations_claim_no_row(pack: Any) -> None:
    for rule in pack.rules.rules:
        if rule.silent:
            assert rule.detections == (), rule.path
            assert rule.level == "informational", rule.path


def test_every_exclusion_is_needed_by_a_silent_example(pack: Any, matches: Matches, whole: Any) -> None:
    for rule, stories in pack.plain():
        silent = [(whole(story), story.site) for story in stories if not story.fires]
        parts = rule.condition.nodes if isinstance(rule.condition, And) else (rule.condition,)
        for number, part in enumerate(parts):
            if isinstance(part, Not):
                wider = And((*parts[:number], *parts[number + 1 :]))
                assert any(matches(wider, *story) for story in silent), f"{rule.path}: {part}"


def test_examples_use_addresses_that_belong_to_nobody(pack: Any) -> None:
    for story in pack.stories:
        for event in expand(story.example):
            for address in event.get("sourceIPs") or ():
                assert address.startswith(NOBODYS), story.path


def test_most_requests_of_a_cluster_are_of_no_interest_to_any_rule(pack: Any) -> None:
    masks, asked, events = Judge(pack.rules).masks, 0, 0
    for line in islice(generate(3), 5_000):
        look = Look(STRICT.decode(line), CONTEXT_NATIVE)
        event, user = look.event, look.event.user or User()
        peer = (event.sourceIPs or (None,))[-1]
        mask = masks.operation(look, events) & masks.place(look) & masks.dimension("peer", look, peer)
        mask &= masks.dimension("user", look, (user.username, user.groups))
        asked += bool(mask & masks.dimension("agent", look, event.userAgent))
        events += 1
    assert 0 < asked < events / 5
