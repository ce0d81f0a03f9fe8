"""The compiled way over lines and the one in Python give one answer, and which of them is there can be told."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from ctypes import CDLL
from itertools import islice
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engine.conftest import Inline

from kwho.detect.pack import assemble
from kwho.detect.rule import Rule, RuleSet
from kwho.engine import work
from kwho.engine.local import Scan
from kwho.engine.work import Settings
from kwho.formats import shape
from kwho.formats.reader import Reader
from kwho.formats.shape import Alike, Known, Shapes
from kwho.formats.unwrap import RECORD_CAP
from kwho.kernel import express
from kwho.kernel.express import Express, compiled, known_lines
from kwho.kernel.judge import Judge
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import PartKey
from kwho.sample import generate
from kwho.schema.finding import plain
from kwho.sources import discover

PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate)  # to make a failure smaller takes minutes
POOL: Final = tuple(line for line in islice(generate(7), 0, 3_000) if len(line) < 2_000)
WATCHES: Final = tuple(line for line in POOL if b'"verb":"watch"' in line)
BODIED: Final = tuple(line for line in POOL if b'Object":{' in line)
ASKED: Final = re.compile(rb"timeoutSeconds=\d+")
VERSION: Final = re.compile(rb'"resourceVersion":"\d*"')
RECEIVED: Final = re.compile(rb'"requestReceivedTimestamp":"[^"]*"')
ANSWERED: Final = re.compile(rb'"stageTimestamp":"[^"]*"')
BODIES: Final = re.compile(rb',"re(quest|sponse)Object":.*,"requestReceived')
AGENT: Final = b'"userAgent":"'
Way = Callable[[], Known]


@pytest.fixture(scope="module")
def library(compiler: list[str]) -> CDLL:
    """The compiled code. Where a compiler is, it must be there and be that of its source."""
    found = compiled()
    assert found is not None, "the compiled code is missing or of another source: rebuild it with ./check compile"
    return found


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return assemble([])


def twin(line: bytes, number: int, hour: int) -> bytes:
    """A line like another, with values of its own."""
    at = line.index(b'"auditID":"') + 11
    line = line[:at] + b"00000000-0000-4000-8000-%012d" % number + line[line.index(b'"', at) :]
    second = b"2026-03-17T%02d:%02d:%02d." % (hour, number % 60, number * 7 % 60)
    late = second if number % 5 else b"2026-03-17T%02d:59:59." % hour
    line = RECEIVED.sub(b'"requestReceivedTimestamp":"%s%06dZ"' % (second, number), line, count=1)
    line = ANSWERED.sub(b'"stageTimestamp":"%s%06dZ"' % (late, 500 + number), line, count=1)
    line = ASKED.sub(b"timeoutSeconds=%d" % (300 + number // 3), line, count=1)
    return VERSION.sub(b'"resourceVersion":"%d"' % (number // 2), line, count=1)


def _time(text: bytes) -> Callable[[bytes], bytes]:
    return lambda line: RECEIVED.sub(b'"requestReceivedTimestamp":"%s"' % text, line, count=1)


def _body(text: bytes) -> Callable[[bytes], bytes]:
    return lambda line: BODIES.sub(lambda _: b"," + text + b',"requestReceived', line, count=1)


def _agent(text: bytes) -> Callable[[bytes], bytes]:
    return lambda line: line.replace(AGENT, AGENT + text, 1)


AGENTS: Final = (b"\x00", b"\\", b'\\"', b"\xff", b"\xc3\xa9", b'"requestReceivedTimestamp":"', b"x" * 5_000)
TIMES: Final = (
    b"2026-03-17T06:00:00Z", b"2026-03-17T06:00:00.5Z", b"2026-03-17t06:00:00.000000Z", b"1999-01-01T00:00:00.000000Z",
    b"2026-02-29T06:00:00.000000Z", b"2026-03-17T06:00:60.000000Z", b"2026-03-17T07:00:00.000000+01:00", b"", b"x" * 27,
)  # fmt: skip
VALUES: Final = (
    b'[1,-2.5e+3,0.1,true,null,{"b":"\\u00e9\\n"}]', b"01", b"1.", b"NaN", b"1e999", b"-", b"[}]", b" 1", b"tru",
    b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\x"', b'"\xc3\xa9"', b'"\xff"', b'"\x01"', b'"\x00"', b'"\x7f"',
    b"[" * 250 + b"]" * 250,
)  # fmt: skip
INSIDES: Final = (
    *(b'"requestObject":{"a":%s}' % value for value in VALUES),
    b'"requestObject":{}', b'"responseObject":{}', b'"requestObject":{},"responseObject":{}', b'"requestObject":null',
    b'"responseObject":{},"requestObject":{}', b'"requestObject":{"a":1,}', b'"requestObject":{"a"}',
    b'"requestObject":{"a":1},"requestObject":{"a":2}', b'"requestObject":{"dryRun":["All"]}',
    b'"requestObject":{"requestReceivedTimestamp":"2026-03-17T06:00:00.000000Z"}',
)  # fmt: skip
HARMS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda line: line[:-1] + b"\r\n",
    lambda line: line[:-1] + b" \n",
    lambda line: line[:-1] + line,
    lambda line: line + b"\n\n",
    lambda line: line + line,
    lambda line: line[: len(line) // 2] + b"\n",
    lambda line: line[:-3] + b"\n",
    lambda line: b"2026-03-17T06:00:00.000000000Z stdout F " + line,
    lambda line: b"2026-03-17T06:00:00.000000000Z stdout P " + line[:100] + b"\n",
    lambda line: line.replace(b"{", b"{\n", 2),
    lambda line: line[:-2] + b',"auditID":"00000000-0000-4000-8000-000000000099"}\n',
    lambda line: line[:-2] + b',"requestReceivedTimestamp":"2026-03-17T06:00:00.000000Z"}\n',
    lambda line: b'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[' + line[:-1] + b"]}\n",
    lambda line: line.replace(b"4000", b'40"0', 1),
    lambda line: line.replace(b"4000", b"40\\u", 1),
    lambda line: line.replace(b"ResponseComplete", b"ResponseStarted", 1),
    lambda line: line.replace(b"ResponseComplete", b"RequestReceived", 1),
    lambda line: VERSION.sub(b'"resourceVersion":"99999999999999999999"', line, count=1),
    lambda line: VERSION.sub(b'"resourceVersion":""', line, count=1),
    lambda line: VERSION.sub(b'"resourceVersion":"1x"', line, count=1),
    lambda line: ANSWERED.sub(b'"stageTimestamp":"2026-03-17T05:00:00.000000Z"', line, count=1),
    lambda line: ASKED.sub(b"a=b", line, count=1),
    lambda line: ASKED.sub(b"a=%s" % (b"b" * 2_000), line, count=1),
    lambda line: ASKED.sub(b"a\\\\u0026b", line, count=1),
    lambda line: ASKED.sub(b"a\\\\u003cb", line, count=1),
    lambda line: ASKED.sub(b"\xc3\xa9", line, count=1),
    lambda line: line.replace(b"watch=true", b"dryRun=All", 1),
    lambda line: line.replace(b"?", b"/", 1),
    lambda line: line.replace(b'"verb":"watch"', b'"verb":"list"', 1),
    lambda line: b"\x00" * 400 + b"\n",
    lambda line: b"{broken\n",
    *(_agent(text) for text in AGENTS),
    *(_time(text) for text in TIMES),
    *(_body(text) for text in INSIDES),
)  # fmt: skip


@st.composite
def logs(draw: st.DrawFn) -> list[bytes]:
    """Some files, most of whose lines are like one another."""
    kinds = draw(
        st.lists(st.sampled_from(POOL) | st.sampled_from(BODIED) | st.sampled_from(WATCHES), min_size=1, max_size=6)
    )
    files = []
    for _ in range(draw(st.integers(1, 3))):
        plan = st.tuples(
            st.sampled_from(kinds), st.integers(0, 80), st.sampled_from([6, 6, 6, 6, 5, 7]), st.integers(0, 300)
        )
        lines = [_line(*each) for each in draw(st.lists(plan, max_size=120))]
        data = b"".join(lines)
        match draw(st.integers(0, 9)):
            case 0:
                data = data[:-1]
            case 1:
                data = b"\xef\xbb\xbf" + data
            case 2:
                data = data.decode("utf-8", "replace").encode("utf-16")
        files.append(data)
    return files


def _line(kind: bytes, number: int, hour: int, harm: int) -> bytes:
    line = twin(kind, number, hour)
    return HARMS[harm](line) if harm < len(HARMS) else line


def answer(folder: Path, way: Way, rules: RuleSet, part: int = 0, **bounds: int) -> dict[str, Any]:
    """The answer for the files of a folder, whole or in parts of so many bytes, with small bounds."""
    places = {"PIECE": (work,), "SHAPES": (shape, express), "ROOM": (shape, express), "MEANINGS": (express,)}
    with ExitStack() as stack:
        for name, bound in bounds.items():
            for place in places[name]:
                stack.enter_context(patch.object(place, name, bound))
        stack.enter_context(patch.object(work, "known_lines", way))
        inputs = list(discover([str(folder)]))
        scan = stack.enter_context(
            Scan(inputs, Settings(rules), jobs=1, part=part or 1 << 30, pool=Inline if part else None)
        )
        list(scan)
        found: dict[str, Any] = msgspec.to_builtins(scan.conclude(), enc_hook=plain)
    return found


BOUNDS: Final[tuple[dict[str, int], ...]] = (
    {}, {}, {"PIECE": 1}, {"PIECE": 13}, {"SHAPES": 2}, {"SHAPES": 3, "MEANINGS": 1}, {"MEANINGS": 0},
    {"ROOM": 5_000}, {"ROOM": 1},
)  # fmt: skip


@settings(max_examples=30, phases=PHASES)
@given(files=logs(), part=st.one_of(st.just(0), st.integers(100, 30_000)), bounds=st.sampled_from(BOUNDS))
def test_both_ways_give_one_answer(
    files: list[bytes],
    part: int,
    bounds: dict[str, int],
    library: CDLL,
    rules: RuleSet,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    for number, data in enumerate(files):
        (folder / f"audit-{number}.log").write_bytes(data)
    one = answer(folder, lambda: Express(library), rules, part, **bounds)
    other = answer(folder, Shapes, rules)
    for name, found in one.items():
        assert found == other[name], name


def passing(lines: Sequence[bytes], rules: RuleSet, way: Express, mapper: Mapper | None = None) -> list[Alike]:
    """The lines of known shapes that are handed out, of one part; the others are counted."""
    handed: list[Alike] = []
    source = io.BufferedReader(io.BytesIO(b"".join(lines)), 1 << 16)

    def records() -> Iterator[Any]:
        for record in Reader(source.readline, ahead=source).read(way):
            if isinstance(record, tuple):
                handed.append(record)
            yield record

    partial = (mapper or Mapper(Judge(rules), express=way)).map(records(), Place(PartKey(0, 0), "log"))
    assert sum(facts.decoded for facts in partial.parts.values()) == len(lines)
    return handed


def test_most_lines_of_a_log_are_passed(library: CDLL, rules: RuleSet) -> None:
    way, lines = Express(library), list(islice(generate(7), 0, 20_000))
    handed = passing(lines, rules, way)
    assert way.passed > 10_000
    assert way.passed + len(handed) < len(lines)


def test_what_was_told_in_one_part_holds_in_the_next(library: CDLL, rules: RuleSet) -> None:
    way, lines = Express(library), list(islice(generate(7), 0, 20_000))
    mapper = Mapper(Judge(rules), express=way)
    passed = []
    for _ in range(2):
        passing(lines, rules, way, mapper)
        passed.append(way.passed)
    assert passed[1] > passed[0] > 15_000


def test_when_meanings_are_forgotten_all_is_told_anew(
    library: CDLL, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kwho.kernel.meaning.KEPT", 0)
    monkeypatch.setattr(express, "MEANINGS", 2_000)
    way, lines = Express(library), list(islice(generate(7), 0, 20_000))
    mapper = Mapper(Judge(rules), express=way)
    for _ in range(4):
        passing(lines, rules, way, mapper)
        assert way.passed > 10_000


def test_watches_are_passed_whatever_they_ask_for(library: CDLL) -> None:
    line = next(line for line in WATCHES if b'"ResponseComplete"' in line)
    lines = [twin(line, number, 6) for number in range(1, 200, 5)]
    way = Express(library)
    assert len(passing(lines, RuleSet(), way)) < 3
    assert way.passed > 35


@pytest.mark.parametrize(
    ("query", "passes"), [("requestURI:*nothing*", True), ("requestObject.metadata.name:nothing", False)]
)
def test_lines_with_bodies_are_passed_unless_a_rule_looks_into_them(
    query: str, passes: bool, library: CDLL, rule: Callable[..., Rule]
) -> None:
    line = next(line for line in BODIED if b'"requestObject":{' in line)
    lines = [twin(line, 5 * number + 1, 6) for number in range(60)]
    handed = passing(lines, RuleSet(rules=(rule("r", query),)), Express(library))
    assert (len(handed) < 3) == passes


def test_lines_are_passed_in_any_hour(library: CDLL) -> None:
    lines = [twin(POOL[0], 5 * number + 1, number % 24) for number in range(100)]
    way = Express(library)
    assert len(passing(lines, RuleSet(), way)) < 3
    assert way.passed > 95


@pytest.mark.parametrize("way", ["passed", "wrapped"])
def test_the_query_tells_requests_apart_and_copies_are_found(way: str, library: CDLL, tmp_path: Path) -> None:
    line = next(line for line in WATCHES if b'"ResponseComplete"' in line)
    lines = [ASKED.sub(b"timeoutSeconds=%d\\\\u0026a=b" % number, twin(line, 1, 6)) for number in range(20)]
    copies = lines if way == "passed" else [b"2026-03-17T06:00:00.000000000Z stdout F " + line for line in lines]
    (tmp_path / "audit.log").write_bytes(b"".join((*lines, *copies)))
    found = answer(tmp_path, lambda: Express(library), RuleSet())
    assert (found["input"]["events"], found["input"]["duplicates"]) == (20, 20)


@pytest.mark.parametrize("way", ["passed", "wrapped"])
def test_the_query_tells_requests_with_bodies_apart_as_well(way: str, library: CDLL, tmp_path: Path) -> None:
    line = next(line for line in BODIED if b'"verb":"create"' in line and b"?" not in line.partition(b'"verb"')[0])
    queries = [b"?fieldManager=a", b"?dryRun=All", b"?", b""]
    lines = [line.replace(b'","verb"', query + b'","verb"', 1) for query in queries]
    twins = [twin(each, number, 6) for each in lines for number in range(1, 9)]
    wrapped = [b"2026-03-17T06:00:00.000000000Z stdout F " + each for each in twins]
    copies = twins if way == "passed" else wrapped
    (tmp_path / "audit.log").write_bytes(b"".join((*twins, *copies)))
    found = answer(tmp_path, lambda: Express(library), RuleSet())
    assert (found["input"]["events"], found["input"]["duplicates"]) == (32, 32)


def test_what_is_handed_out_comes_with_its_line_and_offset(library: CDLL, rules: RuleSet) -> None:
    lines = list(islice(generate(7), 0, 6_000))
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line))
    for _, _, _, _, _, line, number, offset in passing(lines, rules, Express(library)):
        assert lines[number - 1] == line
        assert ends[number - 1] == offset


def test_a_log_in_which_nothing_happens_is_told_of_at_times(library: CDLL) -> None:
    lines = [twin(POOL[0], 5 * number + 1, 6) for number in range(25_000)]
    way = Express(library)
    handed = passing(lines, RuleSet(), way)
    assert way.passed > 24_900
    assert max(number for *_, number, _ in handed) > 20_000


def test_without_room_there_is_an_error_and_no_crash(library: CDLL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(express, "ROOM", 1 << 62)
    with pytest.raises(MemoryError):
        Express(library)


@pytest.mark.parametrize("state", ["changed", "gone"])
def test_code_of_another_source_is_not_used(
    state: str, library: CDLL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / express.SOURCE.name
    built = Path(library._name)
    (tmp_path / built.name).write_bytes(built.read_bytes())
    for path in express.SOURCE.parent.glob("express*.[ch]"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(express, "SOURCE", source)
    assert compiled.__wrapped__() is not None
    if state == "changed":
        source.write_bytes(source.read_bytes() + b"\n")
    else:
        source.unlink()
    assert compiled.__wrapped__() is None
    monkeypatch.setattr(express, "compiled", compiled.__wrapped__)
    assert isinstance(known_lines(), Shapes)


def test_processes_with_one_seed_make_the_same_keys_and_no_others_do(library: CDLL) -> None:
    code = (
        "from kwho.kernel.express import Express, compiled; "
        "print(Express(compiled()).mark(b'an-audit-id', b'2026-03-17T06:00:00.000000Z'))"
    )
    keys = [
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "1", "2")
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_record_that_is_too_long_is_so_in_both_ways(library: CDLL, rules: RuleSet, tmp_path: Path) -> None:
    line = next(line for line in BODIED if b'"responseObject":{' not in line)
    long = _body(b'"requestObject":{"a":"%s"}' % (b"x" * RECORD_CAP))
    lines = [twin(line, number, 6) for number in range(8)]
    (tmp_path / "audit.log").write_bytes(b"".join((*lines[:6], long(lines[6]), lines[7])))
    one, other = (answer(tmp_path, way, rules) for way in (lambda: Express(library), Shapes))
    assert other["input"]["truncated"] == 1
    assert one == other
