from collections.abc import Callable
from typing import Any

from kwho.state.things.webhooks import Webhook
from kwho.views.admission import Hook, Matching, hooks, settled

Make = Callable[..., Any]
BODY = {"webhooks": [{"clientConfig": {"url": "https://x.example"}, "failurePolicy": "Ignore"}]}


def test_a_webhook_tells_where_it_sends(event: Make, world: Make) -> None:
    made = event("create", "validatingwebhookconfigurations", "w", None, requestObject=BODY)
    service = {"webhooks": [{"clientConfig": {"service": {"namespace": "a", "name": "b"}}}]}
    patch = event("patch", "validatingwebhookconfigurations", "w", None, requestObject=service)
    found = world(made, patch)
    first = found.webhook("c1", "validatingwebhookconfigurations", "w", (1, 9))
    hook = Hook("", settled(Matching()), "Ignore")
    assert first.content == Webhook(("https://x.example",), (), ("Ignore",), (hook,))
    assert not first.content.plain
    after = found.webhook("c1", "validatingwebhookconfigurations", "w", (9,))
    assert after.content == Webhook(("https://x.example",), ("a/b",), ("Ignore",), (hook,), partial=True)


def test_without_a_body_the_content_is_unknown(event: Make, world: Make) -> None:
    found = world(event("update", "validatingwebhookconfigurations", "w", None))
    assert found.webhook("c1", "validatingwebhookconfigurations", "w", (9,)).knowledge == "unknown"


def patched(event: Make, world: Make, webhooks: Any) -> tuple[tuple[str, str | None], ...]:
    target = "validatingwebhookconfigurations"
    made = {"webhooks": [{"name": "a", "failurePolicy": "Fail"}, {"name": "b"}]}
    found = world(
        event("create", target, "w", None, requestObject=made),
        event("patch", target, "w", None, requestObject=webhooks),
    )
    content = found.webhook("c1", target, "w", (9,)).content
    return tuple((hook.name, hook.failure) for hook in content.hooks)


def test_a_patch_tells_of_webhooks_by_name(event: Make, world: Make) -> None:
    by_name = {"webhooks": [{"name": "b", "failurePolicy": "Ignore"}, {"name": "c"}]}
    assert patched(event, world, by_name) == (("a", "Fail"), ("b", "Ignore"), ("c", None))
    removed = {"webhooks": [{"name": "a", "$patch": "delete"}]}
    assert patched(event, world, removed) == (("b", None),)


def test_a_json_patch_tells_of_webhooks_by_place_when_it_tells_of_all(event: Make, world: Make) -> None:
    both = [{"op": "add", "path": f"/webhooks/{at}/failurePolicy", "value": "Ignore"} for at in (0, 1)]
    assert patched(event, world, both) == (("a", "Ignore"), ("b", "Ignore"))
    assert patched(event, world, both[:1]) == (("a", "Fail"), ("b", None))


def test_other_objects_hold_no_webhooks(event: Make) -> None:
    assert hooks(event("create", "configmaps", "w", requestObject={"webhooks": [{"name": "a"}]})) == ()
