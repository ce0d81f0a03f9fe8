"""Events and conditions for the tests of the query language."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from kwho.query.ast import And, Node, Not, Or, Scalar, Term
from kwho.query.parse import canonical
from kwho.schema.event import Event, ObjectRef, Status, User
from kwho.schema.record import Context
from kwho.views import Look

NATIVE = Context(format="native")
TEXTS = st.sampled_from(
    [
        "get",
        "GET",
        "create",
        "pods",
        "secrets",
        "system:masters",
        "alice",
        "a*b",
        "a?b",
        "\\",
        "a\\*",
        "",
        "é",
        "\ud800x",
    ]
) | st.text(max_size=6)


@pytest.fixture(scope="session")
def look() -> Callable[[Event], Look]:
    return lambda event: Look(event, NATIVE)


@pytest.fixture(scope="session")
def events() -> st.SearchStrategy[Event]:
    maybe = st.none() | TEXTS
    return st.builds(
        Event,
        verb=maybe,
        user=st.none() | st.builds(User, username=maybe, groups=st.none() | st.lists(TEXTS, max_size=3).map(tuple)),
        objectRef=st.none() | st.builds(ObjectRef, resource=maybe, namespace=maybe, name=maybe),
        responseStatus=st.none()
        | st.builds(Status, code=st.none() | st.sampled_from([200, 201, 403, 404, 0, -1, 10**30])),
        sourceIPs=st.none()
        | st.lists(st.sampled_from(["10.0.0.1", "::1", "::ffff:10.0.0.2", "x"]), max_size=2).map(tuple),
        userAgent=maybe,
        requestReceivedTimestamp=st.sampled_from([None, "2026-01-05T10:00:00.000001Z", "nonsense"]),
    )


@pytest.fixture(scope="session")
def conditions() -> st.SearchStrategy[Node]:
    return st.recursive(_terms(), _joined, max_leaves=6)


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return several.map(And) | several.map(Or) | inner.map(Not)


def _terms() -> st.SearchStrategy[Node]:
    return st.one_of(_textual(), _numeric(), _addressed(), _others(), _words())


def _textual() -> st.SearchStrategy[Term]:
    names = st.sampled_from(
        ["verb", "user.username", "user.groups", "objectRef.resource", "objectRef.name", "userAgent"]
    )
    patterns = TEXTS.map(canonical)
    equals = st.builds(Term, names, st.just("equals"), _values(patterns | st.none()), st.booleans(), st.booleans())
    partial = st.sampled_from(["contains", "startswith", "endswith"])
    return equals | st.builds(Term, names, partial, _values(TEXTS), st.booleans(), st.booleans())


def _numeric() -> st.SearchStrategy[Term]:
    numbers: st.SearchStrategy[Scalar] = st.sampled_from([200, 403, 404, 0, -1, 1.5])
    code = st.just("responseStatus.code")
    compare = st.builds(Term, code, st.sampled_from(["lt", "lte", "gt", "gte"]), _values(numbers))
    equals = st.builds(Term, code, st.just("equals"), _values(st.sampled_from([200, 404, -1, "4*", "?0?", None])))
    time = st.integers(1_700_000_000_000_000, 1_800_000_000_000_000) | st.just(1_767_607_200_000_001)
    when = st.builds(
        Term,
        st.just("requestReceivedTimestamp"),
        st.sampled_from(["equals", "gte", "lt"]),
        _values(time),
        st.booleans(),
    )
    return compare | equals | when


def _addressed() -> st.SearchStrategy[Term]:
    ranges: st.SearchStrategy[Scalar] = st.sampled_from(["10.0.0.0/8", "::/0", "10.0.0.2/32"])
    address: st.SearchStrategy[Scalar] = st.sampled_from(["10.0.0.2", "0:0:0:0:0:0:0:1", "x", None])
    return st.builds(Term, st.just("source.ip"), st.just("cidr"), _values(ranges)) | st.builds(
        Term, st.just("source.ip"), st.just("equals"), _values(address)
    )


def _others() -> st.SearchStrategy[Term]:
    names = st.sampled_from(["verb", "user.username", "responseStatus.code"])
    exists = st.builds(Term, names, st.just("exists"), st.booleans().map(lambda flag: (flag,)))
    expressions: st.SearchStrategy[Scalar] = st.sampled_from(["^a", "(?i)MASTER", "[a-z]{2,3}\\d?$", 'q"\\\\'])
    regex = st.builds(Term, st.just("user.groups"), st.just("re"), _values(expressions), st.booleans())
    other: st.SearchStrategy[Scalar] = st.sampled_from(["user.groups", "objectRef.name"])
    reference = st.builds(
        Term, st.just("user.username"), st.just("fieldref"), _values(other), st.booleans(), st.booleans()
    )
    return exists | regex | reference


def _words() -> st.SearchStrategy[Term]:
    wild = TEXTS.map(lambda text: canonical(f"*{text}?*"))
    contains = st.builds(Term, st.none(), st.just("contains"), _values(TEXTS), st.booleans(), st.booleans())
    return contains | st.builds(Term, st.none(), st.just("equals"), _values(wild))


def _values(
    one: st.SearchStrategy[Scalar] | st.SearchStrategy[str] | st.SearchStrategy[str | None],
) -> st.SearchStrategy[tuple[Scalar, ...]]:
    return st.lists(one, min_size=1, max_size=3).map(tuple)
