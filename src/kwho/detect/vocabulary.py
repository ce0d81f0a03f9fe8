"""Words that Kubernetes defines: fields whose values form a closed list, conditions that ask for more, API groups."""

from collections.abc import Iterator
from typing import Final

from kwho.fields import find
from kwho.query.ast import And, Node, Not, Scalar, Term
from kwho.query.fit import spell
from kwho.query.pattern import literal_of
from kwho.query.predicate import value_test
from kwho.schema.event import LEVELS, STAGES

VERBS: Final = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
"""The verbs of resource requests; legacy paths add `proxy`, other paths have the HTTP method in lower case."""
METHODS: Final = ("post", "put", "head", "options", "connect", "trace", "proxy", "")

_OUTCOMES: Final = ("success", "unauthenticated", "forbidden", "rejected", "failed", "dry_run", "open", "unknown")
_KINDS: Final = ("anonymous", "service_account", "node", "system", "human")

VOCABULARIES: Final[dict[str, tuple[str, ...]]] = {
    "verb": (*VERBS, *METHODS),
    "stage": STAGES,
    "level": LEVELS[1:],
    "outcome": _OUTCOMES,
    "answer": _OUTCOMES,
    "decision": ("allow", "forbid"),
    "principal.kind": _KINDS,
    "effective.kind": _KINDS,
}

_SPLIT: Final = ("objectRef.resource", "objectRef.subresource")

_KINDS_BY_GROUP: Final = {
    "admissionregistration.k8s.io": (
        "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "mutatingwebhookconfigurations",
        "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations",
    ),
    "apiextensions.k8s.io": ("customresourcedefinitions",),
    "apiregistration.k8s.io": ("apiservices",),
    "apps": ("daemonsets", "deployments", "replicasets", "statefulsets"),
    "apps.openshift.io": ("deploymentconfigs",),
    "authentication.k8s.io": ("tokenreviews",),
    "authorization.k8s.io": ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    "batch": ("cronjobs", "jobs"),
    "certificates.k8s.io": ("certificatesigningrequests",),
    "coordination.k8s.io": ("leases",),
    "discovery.k8s.io": ("endpointslices",),
    "networking.k8s.io": ("ingresses", "networkpolicies"),
    "rbac.authorization.k8s.io": ("clusterrolebindings", "clusterroles", "rolebindings", "roles"),
    "snapshot.storage.k8s.io": ("volumesnapshotcontents", "volumesnapshots"),
}  # fmt: skip
GROUPS: Final = {name: group for group, names in _KINDS_BY_GROUP.items() for name in names}
"""API groups of resources that rules name without one; all others are taken for core."""
_UNDOTTED: Final = ("core", "apps", "batch", "policy", "autoscaling")


def locate(place: str) -> tuple[str, str]:
    """API group (core is empty) and `resource[/subresource]` of a place that a rule names with or without its group."""
    first, _, rest = place.partition("/")
    if rest and ("/" in rest or "." in first or first in _UNDOTTED):
        return "" if first == "core" else first, rest
    return GROUPS.get(first, ""), place


def impossible(term: Term) -> tuple[Scalar, ...]:
    """The values of a term that no native event has in that field."""
    if term.field is None or term.op in ("fieldref", "exists", "lt", "lte", "gt", "gte", "cidr"):
        return ()
    field = find(term.field)
    words = VOCABULARIES.get(field.name)
    if field.name in _SPLIT:
        return tuple(value for value in term.values if _slashed(term, value))
    if words is None:
        return ()
    singles = [(value, Term(term.field, term.op, (value,), cased=term.cased)) for value in term.values]
    return tuple(
        value for value, single in singles if value is not None and not any(map(value_test(single, field.type), words))
    )


def can_match(node: Node, *, positive: bool = True) -> bool:
    """Whether some native event can make the node true (false when not `positive`), as far as closed lists tell."""
    if isinstance(node, Not):
        return can_match(node.node, positive=not positive)
    if isinstance(node, Term):
        wrong = impossible(node)
        never = bool(wrong) and (node.every or len(wrong) == len(node.values))
        return not (positive and never)
    quantify = all if isinstance(node, And) is positive else any
    return quantify(can_match(part, positive=positive) for part in node.nodes)


def impossible_terms(node: Node) -> Iterator[tuple[Term, str]]:
    """Every term that asks for a value no event has, with the reason."""
    if isinstance(node, Not):
        yield from impossible_terms(node.node)
    elif not isinstance(node, Term):
        for part in node.nodes:
            yield from impossible_terms(part)
    elif wrong := impossible(node):
        yield node, _reason(find(node.field or "").name, wrong)


def _slashed(term: Term, value: Scalar) -> bool:
    return term.op == "equals" and isinstance(value, str) and "/" in (literal_of(value) or "")


def _reason(name: str, wrong: tuple[Scalar, ...]) -> str:
    told = ", ".join(f'"{spell(value)}"' for value in wrong)
    if name in _SPLIT:
        return f"{name} never holds {told}: resource and subresource are separate; use target, as in target: pods/exec"
    known = ", ".join(word for word in VOCABULARIES[name] if word and (name != "verb" or word in VERBS))
    return f"{name} is never {told} in an audit event; it is one of {known}"
