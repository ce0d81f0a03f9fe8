from collections.abc import Callable
from typing import Any

from kwho.state.fact import MOST
from kwho.state.spec import Spec, read_spec

Make = Callable[..., Any]


def test_what_a_part_adds_is_laid_over_what_was_known() -> None:
    former = Spec("web", ("hostPID",), ("/etc",), ("X",), (("a", "1"), ("b", "1")))
    part = Spec(None, ("privileged",), (), (), (("b", ""), ("c", "2")), node="n1", partial=True)
    assert part.onto(former) == Spec(
        "web",
        ("hostPID", "privileged"),
        ("/etc",),
        ("X",),
        (("a", "1"), ("b", "1"), ("c", "2")),
        node="n1",
        partial=True,
    )


def test_broken_bodies_make_no_error(event: Make) -> None:
    broken: list[dict[str, Any]] = [
        {"spec": []},
        {"spec": {"containers": [1, {"name": 5}]}, "metadata": 1},
        {"metadata": {"ownerReferences": "x"}},
    ]
    for body in broken:
        spec = read_spec(event("create", "pods", "p", requestObject=body))
        assert spec is not None
        assert spec.account == "default"
    assert read_spec(event("create", "pods", "p")) is None


def test_lists_are_bounded(event: Make) -> None:
    containers = [{"name": f"c{number}", "image": "x" * 9_999} for number in range(999)]
    body = {"spec": {"containers": containers, "volumes": [{"hostPath": {"path": f"/{n}"}} for n in range(999)]}}
    spec = read_spec(event("create", "pods", "p", requestObject=body))
    assert spec is not None
    assert len(spec.containers) == len(spec.host_paths) == MOST
    assert max(len(image) for _, image in spec.containers) <= 512
