from typing import Any

import msgspec
import pytest

from kwho.schema.event import Event, ObjectRef, Status
from kwho.schema.record import Context
from kwho.views import Look
from kwho.views.admission import Hook, Matching, Pattern, Requirement, hooks, narrowed, policy, settled

GROUP = "admissionregistration.k8s.io"
PODS = Pattern(("CREATE",), ("",), ("v1",), ("pods",))


def look(resource: str, body: Any) -> Look:
    ref = ObjectRef(resource, None, "x", None, GROUP)
    raw = msgspec.Raw(msgspec.json.encode(body))
    return Look(Event(verb="update", objectRef=ref, requestObject=raw, responseStatus=Status(code=200)), Context("x"))


def test_a_webhook_tells_what_it_looks_at() -> None:
    selector = {
        "matchLabels": {"env": "prod"},
        "matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}],
    }
    body = {
        "name": "a",
        "failurePolicy": "Fail",
        "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
        "namespaceSelector": selector,
        "matchConditions": [{"name": "c", "expression": "true"}],
        "matchPolicy": "Exact",
    }
    [hook] = hooks(look("validatingwebhookconfigurations", {"webhooks": [body]}))
    requirements = (Requirement("env", "In", ("prod",)), Requirement("team", "NotIn", ("a",)))
    assert hook == Hook("a", Matching((PODS,), None, requirements, None, ("true",), "Exact"), "Fail")


def test_other_objects_are_neither_webhooks_nor_policies() -> None:
    assert hooks(look("configmaps", {"webhooks": [{"name": "a"}]})) == ()
    assert policy(look("configmaps", {"spec": {"failurePolicy": "Ignore"}})) is None


def test_broken_bodies_tell_nothing() -> None:
    assert hooks(look("mutatingwebhookconfigurations", {"webhooks": "x"})) == ()
    [hook] = hooks(look("mutatingwebhookconfigurations", {"webhooks": [{"rules": 7, "namespaceSelector": []}]}))
    assert hook == Hook("", Matching((), None, ()))


def test_a_policy_and_its_binding_tell_what_they_look_at() -> None:
    rules = [{"operations": ["*"], "apiGroups": ["apps"], "apiVersions": ["*"], "resources": ["*"]}]
    spec = {"matchConstraints": {"resourceRules": rules}, "failurePolicy": "Fail", "validations": [{"expression": "a"}]}
    found = policy(look("validatingadmissionpolicies", {"spec": spec}))
    assert found is not None
    assert (found.failure, found.actions, found.validations) == ("Fail", None, ("a",))
    assert found.matching.rules == (Pattern(("*",), ("apps",), ("*",), ("*",)),)
    bound = policy(look("validatingadmissionpolicybindings", {"spec": {"validationActions": ["Deny"]}}))
    assert bound is not None
    assert (bound.actions, bound.matching) == (("Deny",), Matching())


def rules(*resources: str, **others: tuple[str, ...]) -> Matching:
    return settled(Matching((PODS._replace(resources=resources, **others),)))


@pytest.mark.parametrize(
    ("before", "after", "fewer"),
    [
        (rules("pods", "services"), rules("pods"), True),
        (rules("pods"), rules("pods", "services"), False),
        (rules("pods", "pods/exec"), rules("pods/*"), False),
        (rules("pods/*"), rules("pods"), True),
        (rules("pods"), rules("*"), False),
        (rules("pods/exec"), rules("*"), True),
        (rules("*"), rules("*/*"), False),
        (rules("pods"), rules("pods", operations=("UPDATE",)), True),
        (rules("pods"), rules("pods", operations=("*",)), False),
        (rules("pods"), rules("pods", scopes=("Cluster",)), True),
        (rules("pods"), rules("pods", names=("one",)), True),
    ],
)
def test_fewer_requests_are_looked_at_when_no_rule_fits_what_one_did(
    before: Matching, after: Matching, fewer: bool
) -> None:
    assert list(narrowed(before, after)) == (["rules"] if fewer else [])


@pytest.mark.parametrize(
    ("before", "after", "fewer"),
    [
        ((), (Requirement("a", "In", ("x",)),), True),
        ((Requirement("a", "In", ("x",)),), (), False),
        ((Requirement("a", "In", ("x", "y")),), (Requirement("a", "In", ("x",)),), True),
        ((Requirement("a", "In", ("x",)),), (Requirement("a", "In", ("x", "y")),), False),
        ((Requirement("a", "NotIn", ("x",)),), (Requirement("a", "NotIn", ("x", "y")),), True),
        ((Requirement("a", "NotIn", ("x", "y")),), (Requirement("a", "NotIn", ("x",)),), False),
        ((Requirement("a", "DoesNotExist"),), (Requirement("a", "NotIn", ("x",)),), False),
        ((Requirement("a", "In", ("y",)),), (Requirement("a", "NotIn", ("x",)),), False),
        ((Requirement("a", "In", ("x",)),), (Requirement("a", "Exists"),), False),
        ((Requirement("a", "Exists"),), (Requirement("a", "DoesNotExist"),), True),
    ],
)
def test_a_selector_holds_fewer_when_a_requirement_does_not_follow_from_the_former_ones(
    before: tuple[Requirement, ...], after: tuple[Requirement, ...], fewer: bool
) -> None:
    namespaces = narrowed(settled(Matching(namespaces=before)), settled(Matching(namespaces=after)))
    objects = narrowed(settled(Matching(objects=before)), settled(Matching(objects=after)))
    assert (list(namespaces), list(objects)) == ((["namespaceSelector"], ["objectSelector"]) if fewer else ([], []))


def test_exclusions_conditions_and_exactness_leave_something_out() -> None:
    after = Matching((PODS,), (PODS,), (), (), ("false",), "Exact")
    assert list(narrowed(settled(Matching((PODS,))), after)) == [
        "excludeResourceRules",
        "matchConditions",
        "matchPolicy",
    ]
    assert list(narrowed(after, settled(Matching((PODS,))))) == []


def test_what_is_not_known_of_before_tells_nothing() -> None:
    assert list(narrowed(Matching(), Matching((), None, (Requirement("a", "Exists"),), None, ("x",), "Exact"))) == []


def test_a_part_is_laid_over_what_was_known() -> None:
    former = settled(Matching((PODS,), namespaces=(Requirement("a", "Exists"),)))
    assert Matching(conditions=("x",)).onto(former) == former._replace(conditions=("x",))


def test_all_operations_by_name_are_all_operations() -> None:
    named = {"operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"], "resources": ["pods"]}
    [hook] = hooks(look("mutatingwebhookconfigurations", {"webhooks": [{"name": "a", "rules": [named]}]}))
    assert hook.matching.rules is not None
    assert hook.matching.rules[0].operations == ("*",)
