"""Where an admission webhook sends requests, before and after a request."""

from typing import Final

from kwho.detect.stateful import Case, Claim
from kwho.state.things.webhooks import Webhook


class ChangedWebhook:
    """Tells where a written webhook sends requests that it did not send them to before."""

    kinds = ("webhooks",)
    fields: Final = {
        "webhook.targetsAdded": "URLs, or services as `namespace/name`, that the configuration did not name before.",
        "webhook.relaxed": "True when a failure of the webhook refused requests before, and lets them pass now.",
    }

    def tell(self, case: Case) -> Claim:
        """The difference that the request made; nothing when the former configuration is unknown."""
        thing = case.told.fact.thing
        after, before = case.world.at(thing, case.moment).content, case.world.before(thing, case.moment).content
        if not isinstance(after, Webhook) or not isinstance(before, Webhook):
            return Claim({})
        had = {*before.urls, *before.services}
        return Claim(
            {
                "webhook.targetsAdded": tuple(target for target in (*after.urls, *after.services) if target not in had),
                "webhook.relaxed": "Ignore" in after.failure_policies and "Ignore" not in before.failure_policies,
            }
        )
