from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
A = [{"expression": "a"}]
POLICY, BINDING = "validatingadmissionpolicies", "validatingadmissionpolicybindings"


def body(**spec: Any) -> dict[str, Any]:
    return {"spec": spec}


def test_a_binding_that_holds_less_and_does_not_deny_is_weaker(event: Make, tell: Make) -> None:
    selector = {"namespaceSelector": {"matchLabels": {"env": "prod"}}}
    found = tell(
        "changed_policy",
        event("create", BINDING, "b", None, requestObject=body(validationActions=["Deny"])),
        event("update", BINDING, "b", None, requestObject=body(validationActions=["Warn"], matchResources=selector)),
    )
    assert found == {"policy.narrowed": ("namespaceSelector",), "policy.relaxed": True, "policy.checksRemoved": 0}


def test_a_policy_that_lost_checks_and_ignores_failures_is_weaker(event: Make, tell: Make) -> None:
    found = tell(
        "changed_policy",
        event("create", POLICY, "p", None, requestObject=body(validations=[{"expression": "a"}, {"expression": "b"}])),
        event(
            "update", POLICY, "p", None, requestObject=body(validations=[{"expression": "a"}], failurePolicy="Ignore")
        ),
    )
    assert (found["policy.checksRemoved"], found["policy.relaxed"]) == (1, True)


def test_checks_that_were_rewritten_are_not_lost(event: Make, tell: Make) -> None:
    found = tell(
        "changed_policy",
        event("create", POLICY, "p", None, requestObject=body(validations=[{"expression": "a"}, {"expression": "b"}])),
        event("update", POLICY, "p", None, requestObject=body(validations=[{"expression": "a && b"}])),
    )
    assert found["policy.checksRemoved"] == 0


def test_nothing_is_told_without_the_former_policy(event: Make, tell: Make) -> None:
    assert tell("changed_policy", event("update", POLICY, "p", None, requestObject=body(failurePolicy="Ignore"))) == {}
