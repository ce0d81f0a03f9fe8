from kwho.state.access import EVERYTHING
from kwho.state.defaults import default_roles


def test_the_roles_for_people_are_there() -> None:
    assert default_roles()["cluster-admin"] == EVERYTHING
    assert set(default_roles()["edit"]) < set(default_roles()["admin"])
    assert "get:core/secrets" not in default_roles()["view"]
