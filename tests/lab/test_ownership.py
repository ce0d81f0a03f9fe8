"""Ownership is followed down to any depth."""

from lab.ownership import Ownership


def thing(uid: str, *owners: str) -> dict[str, object]:
    references = [{"uid": owner} for owner in owners]
    return {"metadata": {"uid": uid, "name": uid, "namespace": "n", "ownerReferences": references}}


def test_what_is_owned_by_what_is_owned_is_found() -> None:
    seen = Ownership()
    for item in (thing("c", "b"), thing("b", "a"), thing("x", "y"), thing("d", "z", "c")):
        seen.take("pods", item)
    assert seen.descendants(["a"]) == {"a", "b", "c", "d"}


def test_a_root_nobody_saw_is_itself_only() -> None:
    assert Ownership().descendants(["a"]) == {"a"}


def test_names_are_those_of_events() -> None:
    seen = Ownership()
    seen.take("jobs", thing("u"))
    assert seen.names["u"] == ("jobs", "n", "u")


def test_an_error_in_a_watch_is_no_object() -> None:
    seen = Ownership()
    seen.take("pods", {"kind": "Status", "code": 410})
    assert seen.owners == {}
