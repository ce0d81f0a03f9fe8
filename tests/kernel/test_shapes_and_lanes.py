"""Shapes, meanings and lanes are short ways: the answer is that of decoding and judging each event for itself."""

import io
import json
from collections.abc import Callable
from contextlib import ExitStack
from itertools import permutations
from typing import Any, Final
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho.detect.pack import assemble
from kwho.detect.rule import Exclusion, Rule, RuleSet
from kwho.engine.spill import Shelf
from kwho.formats.reader import Reader
from kwho.formats.shape import Known, Shapes
from kwho.kernel import lane, matching, meaning
from kwho.kernel.conclude import Inquiry, conclude
from kwho.kernel.express import Express, known_lines
from kwho.kernel.judge import Judge
from kwho.kernel.ledger import InputFile
from kwho.kernel.map import Mapper, Place
from kwho.kernel.partial import Partial, PartKey
from kwho.query.match import compile_node
from kwho.query.parse import parse_query
from kwho.schema.finding import plain
from kwho.schema.moment import parse_moment
from kwho.schema.result import Result
from kwho.schema.site import Site, Zone
from kwho.views.site import Surroundings
from kwho.views.trail import ISSUED

CREDENTIAL: Final = "authentication.kubernetes.io/credential-id"
POD: Final = "authentication.kubernetes.io/pod-name"
FAKE: Final = '","requestReceivedTimestamp":"2026-01-05T10:00:00.000000Z","stageTimestamp":"'
SITE: Final = Site(zones={"office": Zone(networks=("203.0.113.0/24",))}, proxies=("10.0.0.0/24",))
USERS: Final = (
    {"username": "ana", "groups": ["system:authenticated"]},
    {"username": "kubernetes-admin", "groups": ["system:masters"], "extra": {CREDENTIAL: ["X509SHA256=1"]}},
    *({"username": "system:serviceaccount:shop:web", "extra": {CREDENTIAL: ["JTI=1"], POD: [pod]}} for pod in "ab"),
    {"username": "system:anonymous", "groups": ["system:unauthenticated"]},
)
NOTES: Final[tuple[dict[str, str], ...]] = ({}, {}, {"k8s.io/deprecated": "true"}, {ISSUED: "JTI=9"}, {"x": FAKE})
ADDRESSES: Final = (["10.0.0.7"], ["203.0.113.9"], ["198.51.100.1", "10.0.0.7"], ["203.0.113.9", "10.0.0.7"], ["?"])
RESOURCES: Final = ("secrets", "configmaps", "pods", "leases", None)
TIMES: Final = ("2026-01-05T10:00:00.5Z", "2026-13-05T10:00:00.000000Z", "2026-01-05t10:00:00.950000Z", "1999", FAKE)
VERSIONS: Final = ("1", "007", "", "\u0663", "1x", "9" * 30, None)
Json = dict[str, Any]


Way = Callable[[], Known | None]
WAYS: Final = [
    pytest.param(Shapes, id="recognised"),
    pytest.param(known_lines, id="compiled"),
    pytest.param(lambda: None, id="decoded"),
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return assemble([])


@pytest.fixture(scope="module")
def judge(rules: RuleSet) -> Judge:
    return Judge(rules)


@st.composite
def templates(draw: st.DrawFn) -> Json:
    """What requests of one kind share."""
    resource, name = draw(st.sampled_from(RESOURCES)), draw(st.sampled_from(["s1", "s2", FAKE, None]))
    code = draw(st.sampled_from([200, 200, 201, 401, 403, None]))
    reference = {"resource": resource, "namespace": "shop", "name": name, "apiVersion": "v1", "resourceVersion": "1"}
    path = f"/api/v1/namespaces/shop/{resource}/{name}" if resource else "/metrics"
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": draw(st.sampled_from(["Metadata", "Metadata", "Request"])),
        "auditID": "",
        "stage": draw(st.sampled_from(["ResponseComplete", "ResponseComplete", "ResponseStarted", "RequestReceived"])),
        "requestURI": path + draw(st.sampled_from(["", "?limit=5", "?dryRun=All", "?dry%52un=All"])),
        "verb": draw(st.sampled_from(["get", "list", "watch", "update", "patch", "delete", "create"])),
        "user": draw(st.sampled_from(USERS)),
        "sourceIPs": draw(st.sampled_from(ADDRESSES)),
        "userAgent": draw(st.sampled_from(["kubectl/v1.34", "curl/8", FAKE, 'ä"'])),
        "objectRef": {key: value for key, value in reference.items() if value} if resource else None,
        "responseStatus": {"metadata": {}, "code": code} if code else None,
        "requestReceivedTimestamp": "",
        "stageTimestamp": "",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""}
        | draw(st.sampled_from(NOTES)),
    }


@st.composite
def requests(draw: st.DrawFn, kinds: list[Json]) -> bytes:
    """One line of one of these kinds, mostly as API servers write it."""
    made = json.loads(json.dumps(draw(st.sampled_from(kinds))))
    number, hour = draw(st.integers(0, 40)), draw(st.integers(9, 11))
    received = f"2026-01-05T{hour:02d}:{draw(st.sampled_from([0, 1, 59])):02d}:{number:02d}.{number:06d}Z"
    made["auditID"] = f"00000000-0000-4000-8000-{number:012d}"
    made["requestReceivedTimestamp"] = received
    made["stageTimestamp"] = received[:20] + "900000Z" if number % 3 else received.replace("T09", "T10")
    if made["objectRef"]:
        made["objectRef"]["resourceVersion"] = str(number)
    if draw(st.integers(0, 5)) == 0:
        _disturb(made, draw)
    return draw(st.sampled_from(WRITTEN))({key: value for key, value in made.items() if value is not None})


def _disturb(made: Json, draw: st.DrawFn) -> None:
    """Change one thing that an honest API server would not, or seldom."""
    match draw(st.integers(0, 6)):
        case 0:
            made["requestReceivedTimestamp"] = draw(st.sampled_from(TIMES))
        case 1:
            made["auditID"] = draw(st.sampled_from(["x", "\u00e9" * 18, "a" * 36, "\\" * 36, '"' * 18]))
        case 2:
            made["requestObject"] = draw(st.sampled_from([{"a": FAKE}, {"dryRun": ["All"]}]))
        case 3:
            made["stage"] = draw(st.sampled_from(["Panic", "RequestReceived", "ResponseStarted", "ResponseComplete"]))
        case 4 if made["objectRef"]:
            made["objectRef"]["resourceVersion"] = draw(st.sampled_from(VERSIONS))
        case 5:
            made["requestURI"] = None
        case _:
            made["impersonatedUser"] = draw(st.sampled_from(USERS))


def _plain(made: Json) -> bytes:
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _list(made: Json) -> bytes:
    return b'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[' + _plain(made)[:-1] + b"]}\n"


WRITTEN: Final[tuple[Callable[[Json], bytes], ...]] = (
    *[_plain] * 12,
    lambda made: _plain(made)[:-1] + b"\r\n",
    lambda made: _plain(made)[:-1] + b" \n",
    lambda made: _plain(made)[:-1] + _plain(made),
    lambda made: json.dumps(made).encode() + b"\n",
    lambda made: _plain(dict(reversed(made.items()))),
    lambda made: b"2026-01-05T10:00:00.000000000Z stdout F " + _plain(made),
    lambda made: _plain(made)[:-2] + b',"auditID":"00000000-0000-4000-8000-000000000099"}\n',
    lambda made: _plain(made)[:-2] + b',"requestReceivedTimestamp":"2026-01-05T10:00:00.000000Z"}\n',
    lambda made: _plain(made).replace(b'"verb"', b'"requestReceivedTimestamp":"","verb"', 1),
    lambda made: _plain(made).replace(b'"annotations":{', b'"annotations":null,"x":{', 1),
    lambda made: _plain(made)[:-40] + b"\n",
    _list,
)


def answer(data: bytes, judge: Judge, rules: RuleSet, way: Way | None = Shapes, **options: Any) -> Result:
    """The answer for a log, by the short ways or by none of them; mapped `parts` times, of which the last counts."""
    where, site = options.get("where"), options.get("site")
    query = None if where is None else compile_node(parse_query(where))
    with ExitStack() as stack:
        if way is None:
            stack.enter_context(patch.object(matching, "lane_for", lambda *_: None))
            stack.enter_context(patch.object(meaning, "MEMO", 0))
        known = None if way is None or query is not None else way()
        express = known if isinstance(known, Express) else None
        mapper = Mapper(judge, query, options.get("cluster"), None if site is None else Surroundings(site), express)
        key, shelf = PartKey(0, 0), Shelf()
        for _ in range(options.get("parts", 1)):
            reader = Reader(io.BytesIO(data).readline)
            partial = mapper.map(reader.read(known), Place(key, "log"))
    facts = partial.parts[key]
    facts.end, facts.lines = reader.offset, reader.lines
    assert facts.columns is not None
    shelf.put(key, facts.columns)
    told = site.parts if site is not None else ()
    return conclude(partial, Inquiry(rules, [InputFile("log", len(data))], shelf, True, None, told))


@pytest.mark.parametrize("way", [Shapes, known_lines])
@settings(max_examples=60)
@given(
    data=st.lists(templates(), min_size=1, max_size=4).flatmap(
        lambda kinds: st.lists(requests(kinds), min_size=1, max_size=60)
    ),
    options=st.sampled_from([{}, {}, {"cluster": "prod"}, {"site": SITE}, {"where": "-name:s1"}]),
    parts=st.integers(1, 3),
)
def test_the_short_ways_give_the_answer_of_the_long_one(
    data: list[bytes], options: Json, parts: int, way: Way, judge: Judge, rules: RuleSet
) -> None:
    log = b"".join(data)
    short = answer(log, judge, rules, way, parts=parts, **options)
    long = answer(log, judge, rules, None, **options)
    for name, found in msgspec.to_builtins(short, enc_hook=plain).items():
        assert found == msgspec.to_builtins(long, enc_hook=plain)[name], name


def twins(event: Callable[..., Json], seconds: list[int], **members: Any) -> list[bytes]:
    """Lines of one shape, received in these seconds after ten."""
    found = event(0)["objectRef"] | {"name": "s"}
    return [
        _plain(event(number, second, objectRef=found, requestURI="/s", **members))
        for number, second in enumerate(seconds)
    ]


def mapped(lines: list[bytes], judge: Judge, where: str | None = None, known: Known | None = None) -> Partial:
    """What one part of a log leaves."""
    query = None if where is None else compile_node(parse_query(where))
    records = Reader(io.BytesIO(b"".join(lines)).readline).read(known)
    return Mapper(judge, query, express=known if isinstance(known, Express) else None).map(
        records, Place(PartKey(0, 0), "log")
    )


def test_lines_in_wrappers_are_copies_of_those_that_were_recognised(
    judge: Judge, rules: RuleSet, event: Callable[..., Json]
) -> None:
    lines = twins(event, list(range(20)))
    known = Reader(io.BytesIO(b"".join(lines)).readline).read(Shapes())
    assert sum(isinstance(record, tuple) for record in known) == 18
    wrapped = [b"2026-01-05T10:00:00.000000000Z stdout F " + line for line in lines]
    for log in (lines + wrapped, wrapped + lines):
        counts = answer(b"".join(log), judge, rules).input
        assert (counts.events, counts.duplicates) == (20, 20)


HOLDER: Final = {"username": "ana", "groups": [], "extra": {CREDENTIAL: ["X509SHA256=1"]}}


@pytest.mark.parametrize("way", WAYS)
def test_of_an_hour_the_first_use_of_a_credential_in_time_is_remembered_in_any_order(
    way: Way, event: Callable[..., Json]
) -> None:
    lines, known = twins(event, [30, 20, 40, 10, 50], user=HOLDER), way()
    ((uses,),) = (found.values() for found in mapped(lines, Judge(RuleSet()), None, known).witness.uses.values())
    assert not isinstance(known, Express) or known.passed > 1
    assert uses.sighting.audit_id == event(3)["auditID"]


@pytest.mark.parametrize("way", WAYS)
def test_of_two_uses_in_one_moment_the_one_that_stands_first_is_remembered(
    way: Way, event: Callable[..., Json]
) -> None:
    lines = twins(event, [30, 31, 32, 10], user=HOLDER)
    late = json.loads(lines[-1]) | {"auditID": "00000000-0000-4000-8000-000000000099"}
    lines.append(json.dumps(late).encode() + b"\n")
    ((uses,),) = (found.values() for found in mapped(lines, Judge(RuleSet()), None, way()).witness.uses.values())
    assert uses.sighting.audit_id == event(3)["auditID"]


def test_times_that_are_written_otherwise_are_compared_as_times(judge: Judge, event: Callable[..., Json]) -> None:
    usual = event(1, 30, user=HOLDER)
    for early in ("2026-01-05T11:00:05.000+01:00", "2026-01-05T10:00:05Z", "2026-01-05T10:00:29.9Z"):
        lines = [_plain(usual), _plain(event(2, user=HOLDER, requestReceivedTimestamp=early)), _plain(usual)]
        ((uses,),) = (found.values() for found in mapped(lines, judge).witness.uses.values())
        assert uses.sighting.audit_id == event(2)["auditID"]


def test_what_the_filter_leaves_out_does_not_hide_a_use_in_the_same_hour(
    judge: Judge, event: Callable[..., Json]
) -> None:
    lines = [_plain(event(number, user=HOLDER)) for number in range(3)]
    ((uses,),) = (found.values() for found in mapped(lines, judge, "name:s2").witness.uses.values())
    assert uses.sighting.audit_id == event(2)["auditID"]


def test_one_credential_in_two_pods_is_followed_in_both(judge: Judge, event: Callable[..., Json]) -> None:
    name = "system:serviceaccount:shop:web"
    users = [{"username": name, "extra": {CREDENTIAL: ["JTI=1"], POD: [pod]}} for pod in ("a", "b")]
    lines = [_plain(event(number, user=user)) for number, user in enumerate(users)]
    assert {found.pod for found in mapped(lines, judge).witness.uses} == {"shop/a", "shop/b"}


def test_a_read_that_hands_out_a_credential_takes_no_lane(
    event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    notes, keys = event(0)["annotations"], ("x", ISSUED, "x")
    lines = [_plain(event(number, annotations=notes | {key: "JTI=9"})) for number, key in enumerate(keys)]
    (tally,) = mapped(lines, Judge(RuleSet(rules=(rule("r", "verb:get"),)))).findings.values()
    assert tally.marks["issued"] == ("JTI=9",)


@pytest.mark.parametrize("written", ["?dryRun=All", "?x=1&dry%52un=All"])
@pytest.mark.parametrize("verb", ["get", "update", "delete"])
@pytest.mark.parametrize("way", WAYS)
def test_a_request_whose_uri_speaks_of_a_dry_run_takes_no_lane(
    written: str, verb: str, way: Way, event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    kinds = [("/s", range(9)), (f"/s{written}", range(20, 25)), ("/s", range(30, 39))]
    found = event(0)["objectRef"] | {"name": "s"}
    lines = [
        _plain(event(number, number, verb=verb, objectRef=found, requestURI=uri))
        for uri, numbers in kinds
        for number in numbers
    ]
    for log in (lines, lines[9:]):
        for query, count in (
            (f"verb:{verb} uri.query.dryRun:All", 5),
            (f"verb:{verb} -uri.query.dryRun:All", len(log) - 5),
        ):
            judge = Judge(RuleSet(rules=(rule("r", query),)))
            (tally,) = mapped(log, judge, None, way()).findings.values()
            assert len(tally.rows) == count


@pytest.mark.parametrize("lacking", [range(2), range(1, 3), range(5, 6)])
@pytest.mark.parametrize("way", WAYS)
def test_a_request_without_what_is_counted_does_not_hide_those_behind_it(
    lacking: range,
    way: Way,
    event: Callable[..., Json],
    rule: Callable[..., Rule],
    correlation: Callable[..., Any],
) -> None:
    counted = correlation(type="value_count", value_field="uri.path", threshold=3)
    judge = Judge(RuleSet(rules=(rule("r", "verb:get"),), correlations=(counted,)))
    made = [event(number, number, requestURI=f"/{number // 3}") for number in range(12)]
    for number in lacking:
        del made[number]["requestURI"]
    links = mapped([_plain(each) for each in made], judge, None, way()).links
    assert sum(len(tally.rows) for tally in links.values()) == len(made) - len(lacking)


@pytest.mark.parametrize("way", [Shapes, known_lines])
@pytest.mark.parametrize("read", ["objectRef.resourceVersion", "time.quarter"])
def test_what_reads_values_of_the_line_itself_reads_those_of_each_line(
    read: str, way: Way, event: Callable[..., Json], rule: Callable[..., Rule], correlation: Callable[..., Any]
) -> None:
    kept: Json = {"id": "x", "title": "X", "owner": "ops", "reason": "known", "rules": ("r",)}
    parts: tuple[Json, ...] = (
        {"correlations": (correlation(type="value_count", value_field=read),)},
        {"correlations": (correlation(group_by=(read,)),)},
        {"exclusions": (Exclusion(**kept, condition=parse_query(f"{read}:3 or {read}:17")),)},
    )
    for members in parts:
        made = [event(number, number * 1_000, requestURI="/s") for number in range(12)]
        for number, each in enumerate(made):
            each["objectRef"] |= {"name": "s", "resourceVersion": str(number)}
        judge = Judge(RuleSet(rules=(rule("r", "verb:get"),), **members))
        lines = [_plain(each) for each in made]
        known, decoded = (mapped(lines, judge, None, each) for each in (way(), None))
        assert known.findings.keys() == decoded.findings.keys()
        assert known.links.keys() == decoded.links.keys()
        assert len(known.links) + len(known.findings) > 2
        assert all(known.links[key].samples == tally.samples for key, tally in decoded.links.items())


@pytest.mark.parametrize("way", WAYS)
def test_an_exclusion_tells_callers_of_one_name_apart_by_uid_and_credential(
    way: Way, event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    condition = parse_query("user.uid:1 credential.id:JTI*")
    kept = Exclusion(id="x", title="X", owner="ops", reason="known", rules=("r",), condition=condition)
    judge = Judge(RuleSet(rules=(rule("r", "verb:get"),), exclusions=(kept,)))
    callers = [("1", "JTI=1"), ("1", "X509SHA256=1"), ("2", "JTI=1"), (None, "JTI=1")]
    users = [{"username": "ana", "uid": uid, "extra": {CREDENTIAL: [found]}} for uid, found in callers]
    found = event(0)["objectRef"] | {"name": "s"}
    lines = [
        _plain(event(number, number, user=users[number % 4], objectRef=found, requestURI="/s")) for number in range(40)
    ]
    tallies = mapped(lines, judge, None, way()).findings
    assert {key.excluded: len(tally.rows) for key, tally in tallies.items()} == {"x": 10, None: 30}


@pytest.mark.parametrize("way", WAYS)
def test_each_line_tells_its_facts(way: Way, judge: Judge, event: Callable[..., Json]) -> None:
    target = {"resource": "replicasets", "apiGroup": "apps", "apiVersion": "v1", "namespace": "shop", "name": "s"}
    user = {"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": []}
    same: Json = {"verb": "update", "user": user, "objectRef": target, "requestURI": "/s"}
    made = [event(number, number * 300, **same) for number in range(20)]
    known = way()
    found = mapped([_plain(each) for each in made], judge, None, known).pending.facts.told["templates"]
    assert {(told.sighting.time, told.fact.thing.name) for told in found} == {
        (parse_moment(each["requestReceivedTimestamp"]), "replicasets/s") for each in made
    }
    assert not isinstance(known, Express) or known.passed > 15


@pytest.mark.parametrize("way", WAYS)
def test_a_lane_takes_requests_of_all_hours_in_any_order(
    way: Way, event: Callable[..., Json], rule: Callable[..., Rule], correlation: Callable[..., Any]
) -> None:
    seconds = [7_000, 10, 3_700, 20, 700, 7_010, -7_000, 3_710, 30]
    made = [event(number, second, requestURI="/s") for number, second in enumerate(seconds)]
    made[-1]["requestReceivedTimestamp"] = "1999"
    for each in made:
        each["objectRef"]["name"] = "s"
    judge = Judge(RuleSet(rules=(rule("r", "verb:get"),), correlations=(correlation(),)))
    with patch.object(matching, "lane_for", side_effect=lane.lane_for) as opened:
        partial = mapped([_plain(each) for each in made], judge, None, way())
    assert opened.call_count == 1
    assert sorted((key.hour and key.hour % 24, len(tally.rows)) for key, tally in partial.findings.items()) == [
        (0, 1), (8, 1), (10, 3), (11, 4),
    ]  # fmt: skip
    assert sorted(len(tally.rows) for tally in partial.links.values()) == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(("bound", "openings"), [(None, 1), (0, 3)])
@pytest.mark.parametrize("way", WAYS)
def test_a_lane_rests_between_parts_when_they_are_few(
    way: Way, bound: int | None, openings: int, event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    lines = b"".join(twins(event, list(range(20))))
    known = way()
    mapper = Mapper(
        Judge(RuleSet(rules=(rule("r", "verb:get"),))), express=known if isinstance(known, Express) else None
    )
    with ExitStack() as stack:
        opened = stack.enter_context(patch.object(matching, "lane_for", side_effect=lane.lane_for))
        if bound is not None:
            stack.enter_context(patch.object(matching, "RESTING", bound))
        for start in range(3):
            records = Reader(io.BytesIO(lines).readline).read(known)
            partial = mapper.map(records, Place(PartKey(0, start), "log"))
            (tally,) = partial.findings.values()
            assert sorted(tally.rows) == list(range(20))
    assert opened.call_count == openings


def test_the_first_request_in_time_is_the_evidence_in_any_order(
    event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    judge = Judge(RuleSet(rules=(rule("r", "-verb:create"),)))
    made = [_plain(event(number, number, requestURI=f"/{number}")) for number in range(6)]
    for order in permutations(made[2:]):
        (tally,) = mapped([*order, made[1], made[0]], judge).findings.values()
        assert [item.value for item in tally.evidence] == ["/0"]
        (tally,) = mapped([*order], judge).findings.values()
        assert [item.value for item in tally.evidence] == ["/2"]


@pytest.mark.parametrize("way", [known_lines, None])
def test_the_evidence_of_a_correlation_is_the_same_in_any_order(
    way: Way | None, event: Callable[..., Json], rule: Callable[..., Rule], correlation: Callable[..., Any]
) -> None:
    both = (rule("r", "verb:get ns:shop"), rule("s", "verb:get,list resource:secrets"))
    rules = RuleSet(rules=both, correlations=(correlation(rules=("r", "s"), threshold=2),))
    made = [_plain(event(number, number, verb="list" if number == 2 else "get")) for number in range(4)]
    found = {
        str([finding.evidence for finding in answer(b"".join(order), Judge(rules), rules, way).findings])
        for order in permutations(made)
    }
    assert len(found) == 1


@pytest.mark.parametrize(("bound", "where"), [("LANES", matching), ("WAITING", lane)])
def test_lanes_are_closed_when_they_are_too_many_or_too_long(
    bound: str, where: Any, event: Callable[..., Json], rule: Callable[..., Rule]
) -> None:
    lines = [_plain(event(number, number, userAgent=f"a{number % 4}")) for number in range(40)]
    judge = Judge(RuleSet(rules=(rule("r", "verb:get"),)))
    with patch.object(where, bound, 2):
        (tally,) = mapped(lines, judge).findings.values()
    assert sorted(tally.rows) == list(range(40))
    assert tally.agents == ("a0", "a1", "a2", "a3")


def test_a_version_beyond_64_bits_is_no_plain_value() -> None:
    shapes, lines = Shapes(), []
    for version in ("0", "1", "2", "3" * 20, "4" * 21):
        made: Json = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "a" * 36}
        made |= {"stage": "ResponseComplete", "requestURI": "/s", "verb": "get", "user": {"username": "ana"}}
        made |= {"objectRef": {"resource": "secrets", "resourceVersion": version}, "userAgent": "x" * 80}
        times = ("requestReceivedTimestamp", "stageTimestamp")
        lines.append(_plain(made | dict.fromkeys(times, "2026-01-05T10:00:00.000000Z")))
    known = [isinstance(record, tuple) for record in Reader(io.BytesIO(b"".join(lines)).readline).read(shapes)]
    assert known == [False, False, True, True, False]


def test_the_use_of_a_credential_bears_the_key_of_its_request(judge: Judge, event: Callable[..., Json]) -> None:
    lines = twins(event, [30, 20, 40, 10, 50], user=HOLDER)
    found = [mapped(lines, judge, None, known).witness.uses.values() for known in (Shapes(), None)]
    one, other = (use.sighting for ((use,),) in ([peers.values() for peers in uses] for uses in found))
    assert one == other
