from collections.abc import Callable
from typing import Any, cast

from kwho.state.fact import Thing
from kwho.state.things.policies import Policy
from kwho.views.admission import Pattern

Make = Callable[..., Any]
THING = Thing("policies", "c1", None, "validatingadmissionpolicybindings/b")


def at(world: Any) -> Any:
    return world.at(THING, (9,))


def body(**spec: Any) -> dict[str, Any]:
    return {"spec": spec}


def test_a_patch_leaves_what_it_does_not_say(event: Make, world: Make) -> None:
    found = at(
        world(
            event("create", THING.name.replace("/b", ""), "b", None, requestObject=body(validationActions=["Deny"])),
            event("patch", THING.name.replace("/b", ""), "b", None, requestObject=body(failurePolicy="Ignore")),
        )
    )
    policy = cast("Policy", found.content)
    assert (found.knowledge, policy.actions, policy.partial, policy.plain) == ("partly", ("Deny",), True, False)
    assert policy.matching.rules == (Pattern(),)


def test_without_a_body_and_after_a_deletion_nothing_is_known(event: Make, world: Make) -> None:
    target = "validatingadmissionpolicybindings"
    assert at(world(event("update", target, "b", None))).knowledge == "unknown"
    made = event("create", target, "b", None, requestObject=body())
    assert at(world(made, event("delete", target, "b", None))).knowledge == "gone"
    assert at(world(made, event("deletecollection", target, None, None))).knowledge == "partly"
