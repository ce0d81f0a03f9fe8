"""The table of fields: complete, documented, and no field ever fails."""

import os
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwho import fields
from kwho.errors import InvalidQueryError
from kwho.fields import FAMILIES, FIELDS, Family, Field, find
from kwho.schema.event import Event
from kwho.schema.record import Context
from kwho.views import Look

PAGE = Path(__file__).parents[2] / "docs/reference/fields.md"
NEEDS = {
    "requestObject",
    "responseObject",
    "annotations",
    "impersonatedUser",
    "user.groups",
    "user.extra",
    "sourceIPs",
    *(
        f"site.{part}"
        for part in (
            "zones",
            "lists",
            "windows",
            "geoip.country",
            "geoip.asn",
            "principals.known",
            "principals.breakGlass",
            "principals.nodes",
        )
    ),
}


def test_names_and_aliases_are_unique() -> None:
    names = list(chain.from_iterable((row.name, *row.aliases) for row in FIELDS))
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row.name)
def test_every_name_and_alias_finds_its_field(row: Field) -> None:
    assert find(row.name) is row
    assert all(find(alias) is row for alias in row.aliases)
    assert row.doc.endswith(".")
    assert NEEDS.issuperset(row.needs)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("user", "user.username"),
        ("groups", "user.groups"),
        ("ns", "objectRef.namespace"),
        ("namespace", "objectRef.namespace"),
        ("resource", "objectRef.resource"),
        ("name", "objectRef.name"),
        ("subresource", "objectRef.subresource"),
        ("api_group", "objectRef.apiGroup"),
        ("code", "responseStatus.code"),
        ("ip", "source.ip"),
        ("ua", "userAgent"),
        ("time", "requestReceivedTimestamp"),
        ("uri", "requestURI"),
    ],
)
def test_people_may_use_short_names(alias: str, name: str) -> None:
    assert find(alias).name == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("verbs", 'unknown field "verbs"; did you mean "verb"?'),
        ("Verb", 'unknown field "Verb"; did you mean "verb"?'),
        ("apiGroup", 'unknown field "apiGroup"; did you mean'),
        ("hostPath", 'unknown field "hostPath"; did you mean "pod.hostPaths"?'),
        ("capabilities", 'unknown field "capabilities"; did you mean "pod.capabilities"?'),
        ("annotations.", 'unknown field "annotations."; did you mean "annotations"?'),
        ("zzzzzzzzzzz", 'unknown field "zzzzzzzzzzz"; the reference page of fields lists all names'),
        ("", 'unknown field ""; the reference'),
        ("annotations." + "x" * 2_000, 'unknown field "annotations.xxx'),
    ],
)
def test_an_unknown_name_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(InvalidQueryError) as refused:
        find(name)
    assert str(refused.value).startswith(hint)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.prefix)
def test_every_key_of_a_family_is_a_field_made_once(family: Family) -> None:
    row = find(f"{family.prefix}some.key/x")
    assert row is find(f"{family.prefix}some.key/x")
    assert (row.needs, row.level, row.dimension) == (family.needs, family.level, None)


def test_fields_made_on_the_fly_are_bounded() -> None:
    for number in range(3_000):
        find(f"annotations.k{number}")
    assert fields._find_open.cache_info().currsize <= 1_024


def test_level_follows_from_need() -> None:
    levels = {"requestObject": "Request", "responseObject": "RequestResponse"}
    for row in FIELDS:
        assert row.level == next((levels[need] for need in row.needs if need in levels), "Metadata")


TEXT = st.none() | st.text(max_size=6)
BODY = st.sampled_from(
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"\xff",
        b"[" * 2_000,
        b'[{"op":"add","path":"/spec/0","value":1}]',
        b'{"kind":"Pod","spec":[]}',
        b'{"spec":{"containers":[{"securityContext":null,"env":[1]}],"request":"x"},"metadata":1}',
        b'{"rules":[{}],"webhooks":[{}]}',
    ]
)


@given(
    st.sampled_from(["create", "patch", "delete", None]),
    st.sampled_from(["pods", "roles", "rolebindings", "certificatesigningrequests", "services", None]),
    TEXT,
    BODY,
    BODY,
)
@settings(max_examples=60, deadline=None)
def test_no_event_makes_a_field_fail(
    verb: str | None, resource: str | None, text: str | None, one: bytes, two: bytes
) -> None:
    raw = {
        "verb": verb,
        "requestURI": text,
        "stage": text,
        "userAgent": text,
        "user": {"username": text, "groups": [text or ""]},
        "sourceIPs": [text or ""],
        "objectRef": {"resource": resource},
        "responseStatus": {"code": 200, "message": text},
        "annotations": {"authorization.k8s.io/reason": text or ""},
        "requestReceivedTimestamp": text,
    }
    event = msgspec.structs.replace(
        msgspec.convert(raw, Event), requestObject=msgspec.Raw(one), responseObject=msgspec.Raw(two)
    )
    look = Look(event, Context("native"))
    for row in (*FIELDS, *(find(f"{family.prefix}spec") for family in FAMILIES)):
        value = row.read(look)
        flat = value if isinstance(value, tuple | list) else (value,)
        kinds = {"integer": int, "boolean": bool}.get(row.type, str | int | bool)
        assert all(item is None or isinstance(item, kinds) for item in flat), row.name


def test_an_empty_event_has_no_value_or_a_plain_no() -> None:
    look = Look(Event(), Context("native"))
    told = {"outcome", "answer", "principal.kind", "effective.kind", "format"}
    assert {row.name for row in FIELDS if row.read(look)} == told


def test_no_recorded_event_makes_a_field_fail() -> None:
    folder = Path(os.environ.get("KWHO_EXAMPLES", "absent"))
    lines = [line for path in folder.glob("corpora/*/*.jsonl") for line in path.read_bytes().splitlines()]
    if not lines:
        pytest.skip("no example files")
    for line in lines[:300]:
        look = Look(msgspec.json.decode(line, type=Event), Context("native"))
        values = {row.name: row.read(look) for row in FIELDS}
        assert values["format"] == "native"


def page() -> str:
    """The reference page, as the table has it."""
    head = (
        "# Fields\n\n"
        "The names that rules, queries and the command line know. A list matches when any of its elements does; an\n"
        "absent field equals `null`. Names are exact: upper and lower case differ. Times are compared as moments.\n\n"
        "*Needs* is the least audit level that carries the field, and the part of the event without which it is\n"
        "absent. Fields that are decided once per distinct *operation*, *user*, *agent* or *peer* cost least.\n\n"
        "| field | also | type | needs | decided by | meaning |\n|---|---|---|---|---|---|\n"
    )
    rows = "".join(_line(row) for row in sorted(FIELDS, key=lambda row: row.name.lower()))
    opened = (
        "\n## Open families\n\n"
        "Every key behind the prefix is a field. A dotted path goes through lists (any\n"
        "element), and a key on the way may itself contain dots.\n\n| field | needs | meaning |\n|---|---|---|\n"
    )
    families = "".join(f"| `{f.prefix}<{f.placeholder}>` | {_needs(f)} | {f.doc} |\n" for f in FAMILIES)
    return head + rows + opened + families


def _line(row: Field) -> str:
    also = ", ".join(f"`{alias}`" for alias in row.aliases)
    return f"| `{row.name}` | {also} | {row.type} | {_needs(row)} | {row.dimension or ''} | {row.doc} |\n"


def _needs(row: Any) -> str:
    return ", ".join((row.level, *(f"`{need}`" for need in row.needs)))


def test_the_reference_page_describes_every_field() -> None:
    if os.environ.get("KWHO_REFRESH"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "refresh with KWHO_REFRESH=1"
