"""How a client learns what the API server serves: in two answers, by the walk of older clients, or not again yet.

Clients built on client-go 0.27 and later (kubectl 1.27, Helm 3.12) ask a server of 1.27 and later for everything in
two aggregated answers. Older ones, and some that are not built on client-go, ask each group version on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.client import Client

AGGREGATED: Final = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
_WAIT: Final = "timeout=32s"  # what client-go's discovery client sends


def ask(client: Client) -> None:
    """Learn everything in two requests."""
    for path in ("/api", "/apis"):
        client.get(f"{path}?{_WAIT}", headers={"Accept": AGGREGATED})


def walk(client: Client) -> int:
    """Learn everything by asking for each group version, one after the other; returns how many there are."""
    client.get(f"/api?{_WAIT}")
    groups = client.get(f"/apis?{_WAIT}").json.get("groups")
    found = [version["groupVersion"] for group in groups or () for version in group["versions"]]  # type: ignore[attr-defined]
    for path in ("/api/v1", *(f"/apis/{name}" for name in found)):
        client.get(f"{path}?{_WAIT}")
    return 1 + len(found)


@dataclass
class Cache:
    """What a tool keeps on a disk of what it learned; `lasts` is in hours of the organisation's day."""

    walks: bool = False
    lasts: float = 6.0  # kubectl's
    learned: float | None = None

    def use(self, client: Client, hours: float) -> None:
        """Learn at the hour `hours` since the recording began, unless what was learned before is still good."""
        if self.learned is not None and hours - self.learned < self.lasts:
            return
        (walk if self.walks else ask)(client)
        self.learned = hours
