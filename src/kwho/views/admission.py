"""Which requests an admission webhook or policy looks at, and what it does about them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Final, NamedTuple

from kwho.views import Look
from kwho.views.body import Concern, Json, concerns, mapping, mappings, text, texts, written_object

EVERYTHING: Final = ("*",)
COMBINATIONS: Final = 2_000
"""Combinations of one rule that are compared."""
LISTED: Final = 64
"""Members of one list that are read."""
LONGEST: Final = 512
"""Characters of one text that are compared."""

_OPERATIONS: Final = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
_HOOKS: Final = Concern(
    resources=frozenset({"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}),
    groups=frozenset({"admissionregistration.k8s.io"}),
    kinds=frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}),
)
_POLICIES: Final = Concern(
    resources=frozenset({"validatingadmissionpolicies", "mutatingadmissionpolicies"}),
    groups=frozenset({"admissionregistration.k8s.io"}),
    kinds=frozenset({"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"}),
)
_BINDINGS: Final = Concern(
    resources=frozenset({"validatingadmissionpolicybindings", "mutatingadmissionpolicybindings"}),
    groups=frozenset({"admissionregistration.k8s.io"}),
    kinds=frozenset({"ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding"}),
)


class Pattern(NamedTuple):
    """One rule of a webhook or policy: requests for which one member of each list fits."""

    operations: tuple[str, ...] = EVERYTHING
    groups: tuple[str, ...] = EVERYTHING
    versions: tuple[str, ...] = EVERYTHING
    resources: tuple[str, ...] = ("*/*",)
    scopes: tuple[str, ...] = EVERYTHING
    names: tuple[str, ...] = EVERYTHING


class Requirement(NamedTuple):
    """One requirement of a selector of labels; `operator` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class Matching(NamedTuple):
    """The requests that are looked at: some pattern fits, no excluded one, all requirements and conditions hold.

    None is what a patch leaves as it was.
    """

    rules: tuple[Pattern, ...] | None = None
    excluded: tuple[Pattern, ...] | None = None
    namespaces: tuple[Requirement, ...] | None = None
    objects: tuple[Requirement, ...] | None = None
    conditions: tuple[str, ...] | None = None
    policy: str | None = None

    def onto(self, former: "Matching") -> "Matching":
        """What was known, with what is told now in its place."""
        return Matching(*(was if now is None else now for now, was in zip(self, former, strict=True)))  # type: ignore[arg-type]  # the same member of both


class Hook(NamedTuple):
    """One webhook of a configuration; `failure` is its failure policy where it says one."""

    name: str
    matching: Matching
    failure: str | None = None
    removed: bool = False


class Policy(NamedTuple):
    """An admission policy or a binding of one; None is what it does not say."""

    matching: Matching
    failure: str | None = None
    actions: tuple[str, ...] | None = None
    validations: tuple[str, ...] | None = None


def hooks(look: Look) -> tuple[Hook, ...]:
    """The webhooks of the written configuration, in order; in a patch without what it leaves as it was."""
    if not concerns(look, _HOOKS):
        return ()
    found = islice(mappings(look.see(written_object).get("webhooks")), LISTED)
    return tuple(
        Hook(
            _cut(hook.get("name")),
            _matching(hook, "rules", hook),
            _cut(hook.get("failurePolicy")) or None,
            hook.get("$patch") == "delete",
        )
        for hook in found
    )


def policy(look: Look) -> Policy | None:
    """The admission policy, or the binding of one, that is written; None for anything else."""
    spec = mapping(look.see(written_object), "spec")
    if concerns(look, _POLICIES):
        matching = _matching(mapping(spec, "matchConstraints"), "resourceRules", spec)
        checks = _expressions(spec, "validations") if "validations" in spec else None
        return Policy(matching, _cut(spec.get("failurePolicy")) or None, None, checks)
    if concerns(look, _BINDINGS):
        actions = _short(spec.get("validationActions")) if "validationActions" in spec else None
        return Policy(_matching(mapping(spec, "matchResources"), "resourceRules", {}), None, actions)
    return None


def narrowed(before: Matching, after: Matching) -> Iterator[str]:
    """By what fewer requests are looked at than before: the names of the fields; nothing for what is not known."""
    if before.rules is not None and after.rules is not None and not _covers(after.rules, before.rules):
        yield "rules"
    if after.excluded is not None and not _covers(before.excluded or (), after.excluded):
        yield "excludeResourceRules"
    if before.namespaces is not None and not _implied(before.namespaces, after.namespaces or ()):
        yield "namespaceSelector"
    if before.objects is not None and not _implied(before.objects, after.objects or ()):
        yield "objectSelector"
    if before.conditions is not None and set(after.conditions or ()) - set(before.conditions):
        yield "matchConditions"
    if before.policy in ("", "Equivalent") and after.policy == "Exact":
        yield "matchPolicy"


def settled(matching: Matching, *, rules: tuple[Pattern, ...] = ()) -> Matching:
    """The matching of a whole object, in which what is not said is the default."""
    return Matching(
        matching.rules or rules,
        matching.excluded or (),
        matching.namespaces or (),
        matching.objects or (),
        matching.conditions or (),
        matching.policy or "",
    )


def _matching(found: Mapping[str, Json], rules: str, conditions: Mapping[str, Json]) -> Matching:
    return Matching(
        _patterns(found[rules]) if rules in found else None,
        _patterns(found["excludeResourceRules"]) if "excludeResourceRules" in found else None,
        _selector(found["namespaceSelector"]) if "namespaceSelector" in found else None,
        _selector(found["objectSelector"]) if "objectSelector" in found else None,
        _expressions(conditions, "matchConditions") if "matchConditions" in conditions else None,
        _cut(found.get("matchPolicy")) or None,
    )


def _patterns(rules: Json) -> tuple[Pattern, ...]:
    return tuple(
        Pattern(
            _operations(_short(rule.get("operations"))),
            _short(rule.get("apiGroups")),
            _short(rule.get("apiVersions")),
            _short(rule.get("resources")),
            (_cut(rule.get("scope")) or "*",),
            _short(rule.get("resourceNames")) or EVERYTHING,
        )
        for rule in islice(mappings(rules), LISTED)
    )


def _operations(operations: tuple[str, ...]) -> tuple[str, ...]:
    return EVERYTHING if set(operations) >= _OPERATIONS else operations


def _selector(selector: Json) -> tuple[Requirement, ...]:
    labels, expressions = mapping(selector, "matchLabels"), mapping(selector).get("matchExpressions")
    exact = (Requirement(key[:LONGEST], "In", (_cut(value),)) for key, value in labels.items())
    told = (
        Requirement(_cut(each.get("key")), _cut(each.get("operator")), _short(each.get("values")))
        for each in mappings(expressions)
    )
    return tuple(islice((*exact, *told), LISTED))


def _expressions(found: Mapping[str, Json], key: str) -> tuple[str, ...]:
    return tuple(_cut(each.get("expression")) for each in islice(mappings(found.get(key)), LISTED))


def _short(value: Json) -> tuple[str, ...]:
    return tuple(_cut(item) for item in texts(value)[:LISTED])


def _cut(value: Json) -> str:
    return (text(value) or "")[:LONGEST]


def _covers(patterns: Iterable[Pattern], wanted: Iterable[Pattern]) -> bool:
    """True when every request that one of the wanted patterns fits is fitted by one of the patterns."""
    held = tuple(patterns)
    return all(
        any(_fits(pattern, combination) for pattern in held)
        for one in wanted
        for combination in islice(product(*one), COMBINATIONS)
    )


def _fits(pattern: Pattern, combination: tuple[str, ...]) -> bool:
    operation, group, version, resource, scope, name = combination
    plain = (
        (pattern.operations, operation),
        (pattern.groups, group),
        (pattern.versions, version),
        (pattern.scopes, scope),
        (pattern.names, name),
    )
    return all("*" in held or value in held for held, value in plain) and any(
        _is_within(resource, held) for held in pattern.resources
    )


def _is_within(resource: str, held: str) -> bool:
    """`*` is every resource, `pods/*` a resource with its subresources, `*/*` all of them."""
    (kind, _, part), (held_kind, _, held_part) = resource.partition("/"), held.partition("/")
    return held_kind in ("*", kind) and held_part in ("*", part)


def _implied(before: tuple[Requirement, ...], after: Iterable[Requirement]) -> bool:
    """True when whatever met the former requirements meets the new ones."""
    return all(any(_implies(one, other) for one in before if one.key == other.key) for other in after)


def _implies(one: Requirement, other: Requirement) -> bool:
    if one == other:
        return True
    values, wanted = set(one.values), set(other.values)
    if other.operator == "In":
        return one.operator == "In" and values <= wanted
    if other.operator == "NotIn":
        excluded = one.operator == "NotIn" and wanted <= values
        return excluded or one.operator == "DoesNotExist" or (one.operator == "In" and not values & wanted)
    return other.operator == "Exists" and one.operator == "In"
