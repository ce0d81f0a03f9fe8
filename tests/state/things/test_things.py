from kwho.query.match import compile_node
from kwho.state.things import conditions, kinds, observers


def test_every_kind_has_an_observer_with_a_condition() -> None:
    assert "pods" in kinds()
    assert tuple(observer.kind for observer in observers()) == kinds()
    assert all(callable(compile_node(condition)) for condition in conditions())
