import pytest

from kwho.state.permission import WIDE, lacking


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("*:*/*", "list:core/secrets"),
        ("*:*/*", "get:core/secrets[one]"),
        ("*:*/*", "create:core/pods/exec"),
        ("list:*/*", "list:core/secrets"),
        ("*:core/secrets", "list:core/secrets"),
        ("list:core/secrets", "list:core/secrets"),
        ("get:core/secrets", "get:core/secrets[one]"),
        ("create:core/*/exec", "create:core/pods/exec"),
        ("*:*/*", "*:*/*"),
        ("*:*", "get:/metrics"),
        ("get:/metrics", "get:/metrics"),
    ],
)
def test_a_permission_is_held_by_itself_and_by_wildcards(held: str, wanted: str) -> None:
    assert lacking([held], [wanted]) == ()


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("list:core/secrets", "*:core/secrets"),
        ("list:core/secrets", "get:core/secrets"),
        ("get:core/secrets[one]", "get:core/secrets"),
        ("get:core/secrets[one]", "get:core/secrets[two]"),
        ("*:apps/*", "list:core/secrets"),
        ("*:*/pods", "create:core/pods/exec"),
        ("*:*/*", "get:/metrics"),
        ("*:*", "list:core/secrets"),
        ("create:core/*/exec", "create:core/exec"),
    ],
)
def test_what_is_wider_or_other_is_lacking(held: str, wanted: str) -> None:
    assert lacking([held], [wanted]) == (wanted,)


def test_of_too_many_wildcards_the_others_hold_only_themselves() -> None:
    held = [f"verb{number}:*/*" for number in range(WIDE + 1)]
    assert lacking(held, ["verb0:core/pods", f"verb{WIDE}:core/pods"]) == (f"verb{WIDE}:core/pods",)
