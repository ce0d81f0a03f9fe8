import msgspec
import pytest

from kwho.reports.servers import servers
from kwho.schema.ledger import Counts, FileReport
from kwho.schema.result import Result


def named(result: Result, paths: tuple[str, ...], *instances: str | None) -> str:
    files = tuple(FileReport(path=path, counts=Counts()) for path in paths)
    return servers(msgspec.structs.replace(result, files=files, instances=instances))


def test_servers_that_the_log_names(result: Result) -> None:
    assert servers(result) == "3 API servers: apiserver-a, apiserver-b, apiserver-c"
    assert named(result, ("a.log",), "node-1", None) == "1 API server: node-1"


@pytest.mark.parametrize("path", ["demo.log", "audit/demo.log.3", "demo.log.gz"])
def test_a_file_is_no_server(result: Result, path: str) -> None:
    family = "audit/demo.log" if "/" in path else "demo.log"
    assert named(result, (path,), family) == "API server not named"


def test_files_may_stand_for_servers(result: Result) -> None:
    assert named(result, ("a.log", "b.log"), "a.log", "b.log") == "API servers told apart by file: a.log, b.log"
    paths = tuple(f"{number}.log" for number in range(9))
    assert named(result, paths, *paths).endswith("4.log, 5.log and 3 more")


def test_one_file_beside_named_servers_names_none(result: Result) -> None:
    assert named(result, ("a.log", "b.log"), "a.log", "node-1") == "1 API server: node-1"
    assert named(result, ("a.log", "b.log"), "a.log", "b.log", "node-1") == "3 API servers: a.log, b.log, node-1"


def test_an_input_may_tell_nothing(result: Result) -> None:
    assert named(result, ("-",), None) == named(result, ()) == "API server not named"
    assert named(result, ("-", "a.log"), "a.log", None) == "API server not named"
