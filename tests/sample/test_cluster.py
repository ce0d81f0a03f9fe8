"""The tables hold invented names and reserved addresses only."""

from ipaddress import ip_address, ip_network

from kwho.sample.cluster import APPS, CONTROL_PLANE, CONTROLLERS, DISCOVERY, GROUPS, OPERATORS, PEOPLE


def test_people_have_example_addresses_and_work_inside() -> None:
    inside = ip_network("10.2.0.0/16")
    assert all(name.endswith("@example.com") for name in PEOPLE)
    assert all(ip_address(peer) in inside for _, peer, _ in PEOPLE.values())
    assert ip_address(CONTROL_PLANE).is_private


def test_a_sweep_without_aggregated_discovery_asks_some_fifty_paths_once_each() -> None:
    assert 40 <= len(DISCOVERY) <= 60
    assert len(set(DISCOVERY)) == len(DISCOVERY)
    assert set(GROUPS) < set(DISCOVERY)


def test_names_are_unique() -> None:
    accounts = [(operator.namespace, operator.name) for operator in OPERATORS]
    apps = [app for names in APPS.values() for app in names]
    assert len(set(accounts)) == len(accounts)
    assert len(set(apps)) == len(apps)
    assert all(CONTROLLERS.values())
