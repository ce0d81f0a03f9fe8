"""Where an admission webhook sends requests, and which ones, before and after a request."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.state.things.webhooks import Webhook
from kwho.views.admission import narrowed


class ChangedWebhook:
    """Tells where a written webhook sends requests that it did not send them to before."""

    kinds = ("webhooks",)
    fields: Final = {
        "webhook.targetsAdded": "URLs, or services as `namespace/name`, that the configuration did not name before.",
        "webhook.relaxed": "True when a failure of the webhook refused requests before, and lets them pass now.",
        "webhook.narrowed": "Webhooks that look at fewer requests than before, and by what: `name namespaceSelector`.",
        "webhook.removed": "Names of webhooks that the configuration held before.",
    }

    def tell(self, case: Case) -> Claim:
        """The difference that the request made; nothing when the former configuration is unknown."""
        thing = case.told.fact.thing
        after, before = case.world.at(thing, case.moment).content, case.world.before(thing, case.moment).content
        if not isinstance(after, Webhook) or not isinstance(before, Webhook):
            return Claim({})
        had = {*before.urls, *before.services}
        former, latter = {hook.name: hook for hook in before.hooks}, {hook.name: hook for hook in after.hooks}
        both = [(former[name], latter[name]) for name in former if name in latter]
        ignored = any(new.failure == "Ignore" and old.failure != "Ignore" for old, new in both)
        return Claim(
            {
                "webhook.targetsAdded": tuple(target for target in (*after.urls, *after.services) if target not in had),
                "webhook.relaxed": ignored
                or ("Ignore" in after.failure_policies and "Ignore" not in before.failure_policies),
                "webhook.narrowed": listed(
                    tuple(f"{old.name} {how}" for old, new in both for how in narrowed(old.matching, new.matching))
                ),
                "webhook.removed": listed(tuple(name for name in former if name not in latter)),
            }
        )
