"""What a given policy lets the rules see: would an ordinary person's request on this be recorded well enough?"""

from typing import Final

from kwho.detect.rule import Needs
from kwho.detect.vocabulary import locate
from kwho.policy.model import Decision, Policy, Request, decide
from kwho.schema.event import LEVELS

PERSON: Final = "someone@example.com"
EVERYBODY: Final = ("system:authenticated",)
_ANY_PLACE: Final = ("pods",)
_ANY_VERB: Final = ("get", "list", "create", "update", "patch", "delete")


class Expectation:
    """A policy, asked what it records."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def records(self, needs: Needs) -> bool:
        """True when the policy records at least one kind of request well enough for what is needed."""
        if needs.stage == "ResponseStarted":
            decision = decide(self._policy, Request("get", None, (), "pods"))
            return decision.level != "None" and needs.stage not in decision.omitted
        return any(
            _suffices(decide(self._policy, _request(verb, place)), needs)
            for verb in needs.verbs or _ANY_VERB
            for place in needs.resources or _ANY_PLACE
        )


def _suffices(decision: Decision, needs: Needs) -> bool:
    enough = LEVELS.index(decision.level) >= LEVELS.index(needs.level)
    return enough and "ResponseComplete" not in decision.omitted


def _request(verb: str, place: str) -> Request:
    """A request of an ordinary person on `resource`, `resource/subresource`, or either with its group before it."""
    group, target = locate(place)
    resource, _, subresource = target.partition("/")
    return Request(verb, PERSON, EVERYBODY, resource, subresource or None, group, "default", "some-name")
