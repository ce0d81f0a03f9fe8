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
    assert found == {"webhook.targetsAdded": ("https://b",), "webhook.relaxed": True}


def test_nothing_is_told_without_the_former_configuration(event: Make, tell: Make) -> None:
    assert tell("changed_webhook", event("update", TARGET, "w", None, requestObject=config("https://b", "Fail"))) == {}
