"""The short options of the command line (`--verb get,-list`) as conditions."""

from collections.abc import Callable, Sequence

from kwho.errors import InvalidQueryError
from kwho.fields import find
from kwho.query.ast import And, Node, Not, Or, Term
from kwho.query.fit import fit
from kwho.query.parse import canonical


def parse_filters(
    verbs: Sequence[str] = (),
    users: Sequence[str] = (),
    resources: Sequence[str] = (),
    namespaces: Sequence[str] = (),
    codes: Sequence[str] = (),
) -> Node:
    """The condition that all given filters together spell; without any it matches everything.

    Each filter is a list of values joined by commas, with wildcards; a leading `-` excludes. An event passes a filter
    when it meets one of the wanted values (or none is given) and no excluded one. A resource may be written
    `pods`, `pods/exec` or `deployments.apps`; a code `403`, `4*` or `4xx`. Raises InvalidQueryError.
    """
    options: tuple[tuple[str, Sequence[str], Callable[[str], Node]], ...] = (
        ("--verb", verbs, lambda value: _equals("verb", value)),
        ("--user", users, lambda value: _equals("user.username", value)),
        ("--resource", resources, _resource),
        ("--namespace", namespaces, lambda value: _equals("objectRef.namespace", value)),
        ("--code", codes, _code),
    )
    nodes = [node for name, given, build in options for node in _filter(name, given, build)]
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def _filter(name: str, given: Sequence[str], build: Callable[[str], Node]) -> list[Node]:
    wanted: list[Node] = []
    excluded: list[Node] = []
    for value in (part.strip() for text in given for part in text.split(",")):
        bare = value.removeprefix("-")
        if not bare:
            raise InvalidQueryError(f"{name}: a value is missing; write {name} one,two or {name} -unwanted")
        try:
            (excluded if value != bare else wanted).append(build(bare))
        except InvalidQueryError as error:
            raise InvalidQueryError(f"{name}: {error}") from None
    return [_any(nodes) for nodes in (wanted,) if nodes] + [Not(_any(nodes)) for nodes in (excluded,) if nodes]


def _any(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _equals(field: str, value: str) -> Term:
    return Term(field, "equals", (canonical(value),))


def _code(value: str) -> Node:
    pattern = value.replace("x", "?").replace("X", "?")
    return Term("responseStatus.code", "equals", (fit(find("responseStatus.code"), "equals", pattern),))


def _resource(value: str) -> Node:
    name, slash, subresource = value.partition("/")
    resource, dot, group = name.partition(".")
    nodes: list[Node] = [_equals("objectRef.resource", resource)] if resource != "*" or not (dot or slash) else []
    if dot:
        nodes.append(_equals("objectRef.apiGroup", group))
    if slash:
        nodes.append(_equals("objectRef.subresource", subresource))
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))
