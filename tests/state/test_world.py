from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kwho.state.fact import Thing
from kwho.state.spec import Owner
from kwho.state.world import World, actor_of

Make = Callable[..., Any]


def template(*names: str, **members: Any) -> dict[str, Any]:
    containers = [{"name": name, "image": "i"} for name in names]
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}, **members}


def test_what_lies_before_the_log_is_unknown(world: Make) -> None:
    found = world()
    assert found.role("c1", "shop", "r", (9,)).knowledge == "unknown"
    assert actor_of(found.role("c1", "shop", "r", (9,))) is None
    assert found.history(Thing("roles", "c1", "shop", "r")) == ()


def test_a_moment_and_the_one_before_it_differ_by_the_event_itself(event: Make, world: Make) -> None:
    found = world(event("create", "deployments", "web", requestObject=template("a")))
    thing = Thing("templates", "c1", "shop", "deployments/web")
    [version] = found.history(thing)
    assert found.before(thing, version.moment).knowledge == "unknown"
    assert found.at(thing, version.moment).knowledge == "known"
    author = actor_of(found.at(thing, version.moment))
    assert author is not None
    assert author.user == "ana"


def test_a_write_that_no_body_tells_leaves_doubt(event: Make, world: Make) -> None:
    made = event("create", "deployments", "web", requestObject=template("a"))
    found = world(made, event("update", "deployments", "web"))
    answer = found.template("c1", "shop", "deployments", "web", (9,))
    assert answer.knowledge == "partly"
    assert answer.content.containers == (("a", "i"),)
    known = world(made, event("update", "deployments", "web"), event("update", "deployments", "web",
                  requestObject=template("b")))  # fmt: skip
    assert known.template("c1", "shop", "deployments", "web", (9,)).knowledge == "known"


def test_what_was_deleted_and_made_anew_starts_afresh(event: Make, world: Make) -> None:
    made = event("create", "deployments", "web", requestObject=template("a"))
    found = world(made, event("delete", "deployments", "web"), event("create", "deployments", "web"))
    answer = found.template("c1", "shop", "deployments", "web", (9,))
    assert (answer.knowledge, answer.content) == ("unknown", None)


def test_the_author_is_who_last_changed_the_top_of_the_owners(event: Make, world: Make) -> None:
    owner = {"metadata": {"ownerReferences": [{"kind": "Deployment", "name": "web"}]}}
    controller = {"username": "system:serviceaccount:kube-system:deployment-controller"}
    found = world(
        event("create", "deployments", "web", user={"username": "eve"}, requestObject=template("a")),
        event("update", "deployments", "web", user=controller, requestObject=template("a", metadata={"labels": {}})),
        event("create", "replicasets", "web-1", user=controller, requestObject=template("a", **owner)),
        event("update", "deployments", "web", user={"username": "bo"}, requestObject=template("a", "b")),
    )
    name, told = found.author("c1", "shop", Owner("ReplicaSet", "web-1"), (3, 9))
    assert (name, told.fact.actor.user) == ("deployments/web", "eve")
    assert found.author("c1", "shop", Owner("ReplicaSet", "web-1"), (9,))[1].fact.actor.user == "bo"
    assert found.author("c1", "shop", Owner("Node", "n1"), (9,)) is None
    assert found.author("c1", "shop", Owner("Job", "unheard-of"), (9,)) is None


def test_owners_that_own_each_other_are_not_followed_for_ever(event: Make, world: Make) -> None:
    def owned(name: str) -> dict[str, Any]:
        return template("a", metadata={"ownerReferences": [{"kind": "ReplicaSet", "name": name}]})

    found = world(event("create", "replicasets", "a", requestObject=owned("b")),
                  event("create", "replicasets", "b", requestObject=owned("a")))  # fmt: skip
    assert found.author("c1", "shop", Owner("ReplicaSet", "a"), (9,)) is None


def test_the_requests_lead_to_their_facts(event: Make, told: Make) -> None:
    facts = told(event("create", "deployments", "web"), 5, key=77)
    found = World(facts)
    assert tuple(found.told_by([78, 77])) == tuple(facts)
    assert not tuple(found.told_by([78]))
    assert list(found.things("templates")) == [Thing("templates", "c1", "shop", "deployments/web")]


BODIES = st.sampled_from([None, template("a"), template("a", "b"), {"kind": "x"}])
STEPS = st.lists(st.tuples(st.sampled_from(["create", "update", "patch", "delete", "deletecollection"]), BODIES))


@given(STEPS, st.randoms())
def test_the_order_of_facts_does_not_matter(event: Make, told: Make, steps: Any, chance: Any) -> None:
    facts = [
        fact
        for number, (verb, body) in enumerate(steps)
        for fact in told(event(verb, "deployments", "web", requestObject=body), number // 2, key=number, offset=number)
    ]
    thing = Thing("templates", "c1", "shop", "deployments/web")
    assert World(chance.sample(facts, len(facts))).history(thing) == World(facts).history(thing)
