"""An audit policy as the API server reads it (`audit.k8s.io/v1 Policy`), and the level it gives a request.

Source: kubernetes/apiserver `pkg/audit/policy/checker.go` and `reader.go`.
"""

from typing import Any, Final

import msgspec
import yaml

from kwho.schema.event import LEVELS, STAGES

_VERSIONS: Final = ("audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1")


class GroupResources(msgspec.Struct, frozen=True):
    """Resources of one API group; an empty list of resources means all of the group."""

    group: str = ""
    resources: tuple[str, ...] = ()
    resourceNames: tuple[str, ...] = ()


class PolicyRule(msgspec.Struct, frozen=True):
    """One rule; every member that is given must match."""

    level: str
    users: tuple[str, ...] = ()
    userGroups: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resources: tuple[GroupResources, ...] = ()
    namespaces: tuple[str, ...] = ()
    nonResourceURLs: tuple[str, ...] = ()
    omitStages: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True):
    """The rules in order; the first that matches decides, and without one nothing is recorded."""

    rules: tuple[PolicyRule, ...] = ()
    omitStages: tuple[str, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """What the policy looks at; `user` None is a request that was not authenticated."""

    verb: str
    user: str | None = None
    groups: tuple[str, ...] = ()
    resource: str | None = None
    subresource: str | None = None
    group: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Decision(msgspec.Struct, frozen=True):
    """What is recorded of a request: the level, the stages left out, and which rule decided (None: no rule matched)."""

    level: str
    omitted: tuple[str, ...]
    rule: int | None


def read_policy(path: str, text: str) -> Policy:
    """A policy file; `ValueError` says what is wrong with it. Only the first document counts, as for the server."""
    try:
        document = next(iter(yaml.load_all(text, Loader=yaml.CSafeLoader)), None)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{path}: no valid YAML: {error}") from None
    if not isinstance(document, dict) or document.get("apiVersion") not in _VERSIONS:
        raise ValueError(f"{path}: no audit policy; apiVersion must be {_VERSIONS[0]}")
    try:
        policy = msgspec.convert(_without_nulls(document), type=Policy)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {error}") from None
    for number, rule in enumerate(policy.rules, 1):
        if rule.level not in LEVELS:
            raise ValueError(f'{path}: rule {number}: unknown level "{rule.level}"; there are {", ".join(LEVELS)}')
        unknown = [stage for stage in (*rule.omitStages, *policy.omitStages) if stage not in STAGES]
        if unknown:
            raise ValueError(f'{path}: rule {number}: unknown stage "{unknown[0]}"; there are {", ".join(STAGES)}')
    if not policy.rules:
        raise ValueError(f"{path}: the policy has no rules; the API server refuses it")
    return policy


def decide(policy: Policy, request: Request) -> Decision:
    """The level and the omitted stages that the first matching rule gives."""
    for number, rule in enumerate(policy.rules):
        if matches(rule, request):
            return Decision(rule.level, (*policy.omitStages, *rule.omitStages), number)
    return Decision("None", policy.omitStages, None)


def matches(rule: PolicyRule, request: Request) -> bool:
    """True when every member of the rule that is given matches the request."""
    if rule.users and request.user not in rule.users:
        return False
    if rule.userGroups and not set(rule.userGroups) & set(request.groups):
        return False
    if rule.verbs and request.verb not in rule.verbs:
        return False
    if rule.namespaces or rule.resources:
        return request.resource is not None and _on_resource(rule, request)
    if rule.nonResourceURLs:
        return request.resource is None and any(_on_path(url, request.path) for url in rule.nonResourceURLs)
    return True


def _on_resource(rule: PolicyRule, request: Request) -> bool:
    if rule.namespaces and request.namespace not in rule.namespaces:
        return False
    return not rule.resources or any(_in_group(entry, request) for entry in rule.resources)


def _in_group(entry: GroupResources, request: Request) -> bool:
    if entry.group not in (request.group, "*"):
        return False
    if not entry.resources:
        return True
    if entry.resourceNames and request.name not in entry.resourceNames:
        return False
    full = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    wanted = {full, "*", f"{request.resource}/*"}
    if request.subresource:
        wanted.add(f"*/{request.subresource}")
    return bool(wanted.intersection(entry.resources))


def _on_path(url: str, path: str) -> bool:
    return url in ("*", path) or (url.endswith("*") and path.startswith(url[:-1]))


def _without_nulls(value: Any) -> Any:
    """YAML writes an empty list as null as well; the server reads both alike."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
