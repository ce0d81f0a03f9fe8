"""A look computes each view at most once."""

from typing import Any

from kwho.views import Look


def test_a_view_is_computed_once_and_remembered(look_at: Any) -> None:
    calls: list[Look] = []

    def view(look: Look) -> int:
        calls.append(look)
        return len(calls)

    look = look_at()
    assert look.see(view) == look.see(view) == 1
    assert look_at().see(view) == 2
