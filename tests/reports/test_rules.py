"""Rules as documents."""

import msgspec

from kwho.detect.examples import Story
from kwho.detect.extension import Example
from kwho.detect.rule import Correlation, Needs, Refused, Rule, RuleSet
from kwho.query.ast import And, Term
from kwho.reports.rules import rule_objects, rule_page, rule_table

RULE = Rule(
    id="11111111-0000-4000-8000-000000000000",
    name="a-rule",
    title="A rule \x1b[31m",
    level="high",
    status="test",
    description="What it is.\nAnd why.",
    references=("https://kubernetes.io/",),
    tags=("attack.t1611", "attack.odd"),
    falsepositives=("Administrators",),
    detections=("D01",),
    blind_spots=("All that is not recorded",),
    response=("Look",),
    needs=Needs(level="Request", stage="Panic", fields=("requestObject",), verbs=("create",), resources=("pods",)),
    condition=And((Term("verb", "equals", ("create",)), Term("objectRef.resource", "equals", ("pods",)))),
    path="rules/a.yaml",
)
COUNT = Correlation(
    id="22222222-0000-4000-8000-000000000000",
    title="Many",
    level="critical",
    type="event_count",
    rules=(RULE.id, "unknown"),
    group_by=("user.username",),
    timespan=5_400_000_000,
    op="gt",
    threshold=7,
)
REFUSED = Refused("33333333", "Broken", "b.yaml", "b.yaml:2: the rule has no \x07 title")
SILENT = Rule(id="44444444", title="Feeds", level="low", condition=And(()), silent=True)
RULES = RuleSet(rules=(RULE, SILENT), correlations=(COUNT,), refused=(REFUSED,))
TITLES = {RULE.id: "A rule"}


def page(entry: Rule | Correlation | Refused, *stories: Story) -> str:
    return "\n".join(rule_page(entry, stories, TITLES, {"attack.t1611": "Escape to Host"}, 80))


def test_the_list_keeps_its_contract() -> None:
    found = rule_objects(RULES)
    assert found["schema_version"] == 1
    keys = {"id", "name", "title", "level", "kind", "status", "reason", "detections", "tags", "needs"}
    assert all(set(rule) == keys for rule in found["rules"])
    assert [(rule["kind"], rule["status"]) for rule in found["rules"]] == [
        ("rule", "ok"),
        ("rule", "ok"),
        ("correlation", "ok"),
        (None, "refused"),
    ]
    assert found["rules"][0]["needs"] == {
        "level": "Request",
        "stage": "Panic",
        "fields": ("requestObject",),
        "verbs": ("create",),
        "resources": ("pods",),
    }
    assert found["rules"][3]["reason"] == REFUSED.reason


def test_the_table_ranks_by_level_and_ends_with_what_was_refused() -> None:
    lines = list(rule_table(RULES, 100))
    names = [entry.name or entry.id for entry in (*RULES.correlations, *RULES.rules)]
    assert [line.split()[2] for line in lines[1:4]] == names
    assert lines[1].endswith("Many (correlation)")
    assert lines[3].endswith("Feeds (feeds correlations only)")
    assert "1 refused rule:" in lines
    assert lines[-1] == "2 rules, 1 correlation, 1 refused"


def test_nothing_that_is_printed_holds_control_characters() -> None:
    text = "\n".join(rule_table(RULES, 60)) + page(RULE) + page(REFUSED)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\x1b[31m" in text


def test_lines_keep_within_the_width() -> None:
    wide = Rule(id="5" * 36, title="t" * 500, level="low", detections=("A01",) * 9, condition=And(()))
    assert all(len(line) <= 80 for line in rule_table(RuleSet(rules=(wide,)), 80))


def test_the_page_of_a_rule_tells_everything() -> None:
    stories = [
        Story(RULE.id, fires, why, Example(why=why, event={}), "a.yaml", 1)
        for fires, why in ((True, "it happens"), (False, "it does not"))
    ]
    text = page(RULE, *stories)
    for part in (
        "high rule, test, rules/a.yaml",
        "What it is. And why.",
        "Condition\n  verb:create\n  objectRef.resource:pods\n",
        "audit level Request or more",
        "stage Panic",
        "recorded: requestObject",
        "looks at verbs create; resources pods",
        "D01",
        "t1611 Escape to Host",
        "odd",
        "- All that is not recorded",
        "- Administrators",
        "- Look",
        "Fires when\n  - it happens",
        "Stays silent when\n  - it does not",
        "https://kubernetes.io/",
    ):
        assert part in text


def test_a_section_without_content_is_left_out() -> None:
    text = page(SILENT)
    assert "What to do" not in text
    assert "Detections" not in text


def test_the_page_of_a_correlation_says_in_words_what_it_counts() -> None:
    assert "requests > 7 within 90m by user.username, among: A rule or unknown" in page(COUNT)
    distinct = Correlation(
        id="x",
        title="t",
        level="low",
        type="value_count",
        rules=(RULE.id,),
        timespan=86_400_000_000,
        value_field="verb",
    )
    assert "distinct verb >= 1 within 1d, among: A rule" in page(distinct)
    for kind, words in (("temporal", "A rule and b, in any order"), ("temporal_ordered", "A rule → b, in this order")):
        ordered = Correlation(
            id="x",
            title="t",
            level="low",
            type=kind,  # type: ignore[arg-type]  # one of the two
            rules=(RULE.id, "b"),
            timespan=1_000_000,
        )
        assert f"{words}, within 1s" in page(ordered)


def test_a_refused_rule_shows_its_reason() -> None:
    assert "Broken\n\nRefused\n  b.yaml:2: the rule has no \\x07 title" in page(REFUSED)


def test_the_page_of_a_correlation_of_our_own_says_what_is_new() -> None:
    own = {"combination": ("userAgent", "source.ip"), "timespan": 7 * 86_400_000_000}
    new = msgspec.structs.replace(COUNT, type="new_value", **own)
    assert "userAgent + source.ip never seen by user.username before, after 7d of log," in " ".join(page(new).split())
    back = msgspec.structs.replace(COUNT, type="returning_value", **own)
    assert "seen by user.username after an absence of 7d and more, among: A rule" in " ".join(page(back).split())
    some = msgspec.structs.replace(COUNT, type="temporal", at_least=1)
    assert "1 or more of these, in any order, within 90m by user.username: A rule, unknown" in " ".join(
        page(some).split()
    )
    every = msgspec.structs.replace(COUNT, type="value_count", value_field="objectRef.name", every=True)
    assert "each of them at least once: A rule and unknown" in " ".join(page(every).split())
    trail = msgspec.structs.replace(COUNT, type="trail", rules=(), fact="orphans")
    assert "patches that were received and never answered" in " ".join(page(trail).split())
