from kwho.detect.attack import attack_table
from kwho.reports.attack import SCORES, TACTICS, tactics, techniques, title_of
from kwho.schema.finding import SEVERITIES


def test_techniques_and_tactics_are_read_from_tags() -> None:
    tags = ("attack.credential-access", "attack.T1552.007", "attack.t1098", "cve.2026-1", "attack.t12345")
    assert techniques(tags) == ("T1552.007", "T1098")
    assert tactics(tags) == ("credential-access",)


def test_the_older_spelling_of_a_tactic_is_known() -> None:
    assert tactics(("attack.privilege_escalation",)) == ("privilege-escalation",)


def test_a_tactic_has_a_title() -> None:
    assert title_of("command-and-control") == "Command and Control"
    assert len(TACTICS) == len(set(TACTICS.values())) + 1


def test_tactics_of_before_and_after_version_19_are_known_and_agree_with_the_table() -> None:
    tags = ("attack.defense-evasion", "attack.stealth", "attack.defense-impairment")
    assert tactics(tags) == ("defense-evasion", "stealth", "defense-impairment")
    assert [TACTICS[name] for name in tactics(tags)] == ["TA0005", "TA0005", "TA0112"]
    assert {slug: title_of(slug) for slug in TACTICS} == attack_table()[1]


def test_a_graver_severity_has_a_higher_score() -> None:
    scores = [SCORES[level] for level in SEVERITIES]
    assert scores == sorted(scores)
