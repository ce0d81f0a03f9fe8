from collections.abc import Callable
from typing import Any

from kwho.state.things.webhooks import Webhook

Make = Callable[..., Any]
BODY = {"webhooks": [{"clientConfig": {"url": "https://x.example"}, "failurePolicy": "Ignore"}]}


def test_a_webhook_tells_where_it_sends(event: Make, world: Make) -> None:
    made = event("create", "validatingwebhookconfigurations", "w", None, requestObject=BODY)
    service = {"webhooks": [{"clientConfig": {"service": {"namespace": "a", "name": "b"}}}]}
    patch = event("patch", "validatingwebhookconfigurations", "w", None, requestObject=service)
    found = world(made, patch)
    first = found.webhook("c1", "validatingwebhookconfigurations", "w", (1, 9))
    assert first.content == Webhook(("https://x.example",), (), ("Ignore",))
    assert not first.content.plain
    after = found.webhook("c1", "validatingwebhookconfigurations", "w", (9,))
    assert after.content == Webhook(("https://x.example",), ("a/b",), ("Ignore",), partial=True)


def test_without_a_body_the_content_is_unknown(event: Make, world: Make) -> None:
    found = world(event("update", "validatingwebhookconfigurations", "w", None))
    assert found.webhook("c1", "validatingwebhookconfigurations", "w", (9,)).knowledge == "unknown"
