import msgspec

from kwho.reports.summary import summary
from kwho.schema.result import Result

CONTRACT = {
    "type", "schema_version", "complete", "input", "files", "problems", "span", "gaps", "instances", "clusters",
    "rules", "blind", "excluded", "versions", "statistics", "notes",
}  # fmt: skip


def test_the_summary_has_every_key_of_the_contract(result: Result) -> None:
    told = msgspec.to_builtins(summary(result))
    assert set(told) >= CONTRACT
    assert told["type"] == "summary"
    assert told["schema_version"] == 1
    assert set(told["blind"][0]) >= {"rule", "needs", "policy"}
    assert set(told["gaps"][0]) == {"from", "to", "instance"}


def test_each_file_carries_its_own_flat_ledger(result: Result) -> None:
    told = msgspec.to_builtins(summary(result))
    assert sum(file["records"] for file in told["files"]) == told["input"]["records"]
    assert told["files"][1]["format"] == "eks+native"


def test_each_problem_has_a_position(result: Result) -> None:
    told = msgspec.to_builtins(summary(result))
    assert all({"file", "line", "offset", "index", "reason", "kind", "audit_id"} <= set(p) for p in told["problems"])
