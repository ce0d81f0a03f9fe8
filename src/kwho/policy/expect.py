"""What a given policy lets the rules see: would an ordinary person's request on this be recorded well enough?"""

from typing import Final

from kwho.detect.rule import Needs
from kwho.policy.model import Decision, Policy, Request, decide
from kwho.schema.event import LEVELS

PERSON: Final = "someone@example.com"
EVERYBODY: Final = ("system:authenticated",)
_ANY_PLACE: Final = ("pods",)
_ANY_VERB: Final = ("get", "list", "create", "update", "patch", "delete")

GROUPS: Final = {
    "deployments": "apps", "daemonsets": "apps", "statefulsets": "apps", "replicasets": "apps",
    "jobs": "batch", "cronjobs": "batch",
    "roles": "rbac.authorization.k8s.io", "clusterroles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io", "clusterrolebindings": "rbac.authorization.k8s.io",
    "certificatesigningrequests": "certificates.k8s.io",
    "mutatingwebhookconfigurations": "admissionregistration.k8s.io",
    "validatingwebhookconfigurations": "admissionregistration.k8s.io",
    "selfsubjectaccessreviews": "authorization.k8s.io", "selfsubjectrulesreviews": "authorization.k8s.io",
    "tokenreviews": "authentication.k8s.io",
    "ingresses": "networking.k8s.io", "networkpolicies": "networking.k8s.io",
    "leases": "coordination.k8s.io", "endpointslices": "discovery.k8s.io",
}  # fmt: skip
"""API groups of resources that rules name without one."""


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
    parts = place.split("/")
    group = parts.pop(0) if len(parts) == 3 or "." in parts[0] or parts[0] in ("core", "apps", "batch") else None
    resource = parts[0]
    subresource = parts[1] if len(parts) > 1 else None
    known = GROUPS.get(resource, "") if group is None else group.replace("core", "")
    return Request(verb, PERSON, EVERYBODY, resource, subresource, known, "default", "some-name")
