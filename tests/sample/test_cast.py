"""Identities are the same for the same seed, in whatever order they are asked for."""

from kwho.sample.cast import Cast, anonymous, uid, unknown
from kwho.sample.chance import seeded


def test_the_order_of_asking_changes_nobody() -> None:
    one, other = Cast(1), Cast(1)
    first = (one.node(1), one.person("alice@example.com"), one.account("shop", "web", "web/1"))
    second = (other.account("shop", "web", "web/1"), other.person("alice@example.com"), other.node(1))
    assert first == second[::-1]


def test_another_seed_gives_other_credentials() -> None:
    assert Cast(1).node(1) != Cast(2).node(1)


def test_accounts_carry_the_groups_that_the_server_gives_them() -> None:
    groups = Cast(1).account("shop", "web", "web/1").user.groups
    assert groups == ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated")


def test_a_token_names_the_pod_it_is_bound_to_and_its_credential() -> None:
    extra = Cast(1).account("shop", "web", "web/1").user.extra or {}
    assert extra["authentication.kubernetes.io/pod-name"][0].startswith("web-")
    assert extra["authentication.kubernetes.io/credential-id"][0].startswith("JTI=")


def test_two_tokens_on_one_node_agree_about_the_node() -> None:
    cast = Cast(1)
    users = [cast.account("shop", f"app-{number}", "app/1").user for number in range(40)]
    extras = [user.extra or {} for user in users]
    nodes = {(extra[f"{_PREFIX}node-name"], extra[f"{_PREFIX}node-uid"]) for extra in extras}
    assert len(nodes) == 4


def test_certificates_are_known_by_their_hash() -> None:
    cast = Cast(1)
    for who in (cast.node(1), cast.component("kube-scheduler")):
        assert (who.user.extra or {})[f"{_PREFIX}credential-id"][0].startswith("X509SHA256=")


def test_the_server_itself_is_a_master_on_its_own_loopback() -> None:
    server = Cast(1).api_server()
    assert (server.peer, server.user.groups) == ("::1", ("system:masters",))


def test_controllers_speak_from_the_control_plane() -> None:
    controller = Cast(1).controller("job-controller")
    assert controller.peer == Cast(1).component("kube-scheduler").peer
    assert controller.user.username == "system:serviceaccount:kube-system:job-controller"


def test_nobody_has_a_name_and_a_refused_caller_has_none() -> None:
    assert anonymous("203.0.113.1", "curl").user.groups == ("system:unauthenticated",)
    assert unknown("203.0.113.1", "curl").user.username is None


def test_a_uid_is_a_uuid() -> None:
    assert [len(part) for part in uid(seeded(1)).split("-")] == [8, 4, 4, 4, 12]


_PREFIX = "authentication.kubernetes.io/"
