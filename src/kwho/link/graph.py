"""A forest of findings: joins of two trees leave a bond that says why, joins within a tree leave nothing."""

from typing import NamedTuple


class Tie(NamedTuple):
    """Two findings, by their numbers in order of time, and why they belong together."""

    one: int
    other: int
    kind: str
    text: str


class Forest:
    """Union-find over `size` findings with the ties that made it; ties must come in the same order in every run."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))
        self.ties: list[Tie] = []

    def root(self, at: int) -> int:
        """The least number in the tree of a finding."""
        parents = self._parents
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    def tie(self, tie: Tie) -> bool:
        """Join two findings and keep the reason; False when they belonged together already."""
        joined = self.join(tie.one, tie.other)
        if joined:
            self.ties.append(tie)
        return joined

    def join(self, one: int, other: int) -> bool:
        """Join two findings; False when they belonged together already."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return False
        self._parents[max(one, other)] = min(one, other)
        return True

    def trees(self) -> dict[int, list[int]]:
        """The members of every tree by its root, both in order."""
        found: dict[int, list[int]] = {}
        for at in range(len(self._parents)):
            found.setdefault(self.root(at), []).append(at)
        return found
