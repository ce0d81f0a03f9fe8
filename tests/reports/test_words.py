import msgspec

from kwho.reports.words import (
    address,
    counted,
    doer,
    interval,
    kind_of,
    moment,
    name_of,
    number,
    object_of,
    severity_word,
    share,
    target_of,
    these,
)
from kwho.schema.finding import Impersonated, Principal, Span, Target
from kwho.schema.result import Result


def test_numbers_have_separators_and_nouns_their_plural() -> None:
    assert number(1234567) == "1,234,567"
    assert counted(1, "finding") == "1 finding"
    assert counted(2, "finding") == "2 findings"
    assert counted(0, "entry", "entries") == "0 entries"


def test_lists_begin_as_long_as_they_are() -> None:
    assert [these("none", count, 10) for count in (1, 2, 10, 11)] == [
        "none; there is",
        "none; there are",
        "none; there are",
        "none; the gravest 10 are",
    ]
    assert these("two begin so", 2, 10, meant=True) == "two begin so:"
    assert these("many begin so", 11, 10, meant=True) == "many begin so; the gravest 10 are"


def test_shares_are_rounded_but_never_to_a_silent_zero() -> None:
    assert share(41, 100) == "41%"
    assert share(1, 1000) == "<1%"
    assert share(0, 1000) == "0%"
    assert share(5, 0) == "0%"


def test_times_lose_their_fraction_and_oddities_stay() -> None:
    assert moment("2026-11-18T03:04:05.123456Z") == "2026-11-18 03:04:05Z"
    assert moment(None) == "time unknown"
    assert moment("yesterday") == "yesterday"


def test_an_interval_names_the_day_once() -> None:
    morning = "2026-11-18T03:04:05.000000Z"
    assert interval(Span(morning, "2026-11-18T04:00:00.000000Z")) == "2026-11-18 03:04:05Z → 04:00:00Z"
    assert interval(Span(morning, "2026-11-19T04:00:00.000000Z")) == "2026-11-18 03:04:05Z → 2026-11-19 04:00:00Z"
    assert interval(Span(morning, morning)) == "2026-11-18 03:04:05Z"
    assert interval(Span(None, None)) == "time unknown"


def test_a_target_is_an_object_or_a_path() -> None:
    assert target_of(Target("", "pods", "exec", "shop", "web-1")) == "pods/exec web-1 in shop"
    assert target_of(Target("apps", "deployments")) == "deployments.apps"
    assert target_of(Target(uri="/healthz")) == "/healthz"
    assert target_of(Target()) == "(no target)"


def test_principals_have_a_name_even_when_the_log_has_none() -> None:
    assert name_of(None) == "(nobody)"
    assert name_of("") == '""'
    assert name_of(None, "(none)") == "(none)"
    assert kind_of(Principal("system:node:a", "node")) == "node"


def test_the_doer_says_whose_rights_were_used(result: Result) -> None:
    binding = next(f for f in result.findings if isinstance(f.principal.impersonated, Impersonated))
    assert doer(binding) == "ci:deployer as system:serviceaccount:shop:pay-api"


def test_severities_fit_a_column() -> None:
    assert severity_word("informational") == "INFO"
    assert severity_word("critical") == "CRITICAL"


def test_claimed_addresses_are_called_claims() -> None:
    assert address("203.0.113.7", ("10.0.0.1",)) == "203.0.113.7 (client claims 10.0.0.1)"
    assert address(None, ()) == "address unknown"


def test_a_finding_across_targets_names_none(result: Result) -> None:
    across = msgspec.structs.replace(result.findings[4], target=Target())
    assert object_of(across) == "several targets"
    assert object_of(msgspec.structs.replace(across, count=1)) == "(no target)"
    assert object_of(result.findings[4]) == "pods/log in payments"
