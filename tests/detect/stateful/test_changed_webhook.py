from collections.abc import Callable
from typing import Any

Make = Callable[..., Any]
TARGET = "validatingwebhookconfigurations"


def config(url: str, policy: str) -> dict[str, Any]:
    return {"webhooks": [{"clientConfig": {"url": url}, "failurePolicy": policy}]}


def test_a_new_target_and_a_relaxed_policy_are_told(event: Make, tell: Make) -> None:
    found = tell(
        "changed_webhook",
        event("create", TARGET, "w", None, requestObject=config("https://a", "Fail")),
        event("update", TARGET, "w", None, requestObject=config("https://b", "Ignore")),
    )
    assert found == {
        "webhook.targetsAdded": ("https://b",),
        "webhook.relaxed": True,
        "webhook.narrowed": (),
        "webhook.removed": (),
    }


def test_nothing_is_told_without_the_former_configuration(event: Make, tell: Make) -> None:
    assert tell("changed_webhook", event("update", TARGET, "w", None, requestObject=config("https://b", "Fail"))) == {}


def hook(name: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "failurePolicy": "Fail", "clientConfig": {"url": "https://a"}, **members}


def test_a_webhook_that_looks_at_less_and_one_that_is_gone_are_told(event: Make, tell: Make) -> None:
    selector = {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["dev"]}]}
    found = tell(
        "changed_webhook",
        event("create", TARGET, "w", None, requestObject={"webhooks": [hook("a"), hook("b")]}),
        event("update", TARGET, "w", None, requestObject={"webhooks": [hook("a", namespaceSelector=selector)]}),
    )
    assert (found["webhook.narrowed"], found["webhook.removed"]) == (("a namespaceSelector",), ("b",))


def test_one_of_two_webhooks_that_ignores_failures_is_relaxed(event: Make, tell: Make) -> None:
    other = hook("b", failurePolicy="Ignore")
    found = tell(
        "changed_webhook",
        event("create", TARGET, "w", None, requestObject={"webhooks": [hook("a"), other]}),
        event("patch", TARGET, "w", None, requestObject={"webhooks": [hook("a", failurePolicy="Ignore")]}),
    )
    assert (found["webhook.relaxed"], found["webhook.removed"]) == (True, ())
