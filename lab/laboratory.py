"""A control plane with an organisation in it: its objects, its people's logins, its running pods."""

from __future__ import annotations

import base64
import json
import random
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab import cast, manifests
from lab.client import Answer, Client, Identity, Notebook
from lab.cluster import SERVER, ControlPlane
from lab.process import wait_for
from lab.relay import Relay
from lab.services import Services
from lab.streams import spdy, websocket

WORLD: Final = Path(__file__).parent / "world"
_DASHBOARD: Final = ("ops-dashboard", "10.30.0.9", "Headlamp/0.27.0 (linux/amd64)")
_APP_AGENTS: Final = {
    "prometheus": "prometheus",
    "backup": "backup",
    "cert-manager": "cert-manager",
    "argocd": "argocd",
    "orders-operator": "operator",
    "runner": "ci",
    "scanner": "scanner",
    "vendor-agent": "vendor",
}


@dataclass(frozen=True)
class Running:
    """A running pod: who its program is, where it sits, and what it says it is."""

    namespace: str
    name: str
    node: str
    address: str
    identity: Identity
    agent: str


@dataclass
class Laboratory:
    """What scenarios and everyday life have in common."""

    plane: ControlPlane
    tokens: Mapping[str, str]
    places: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._legacy: list[Identity] = []
        self._relay = self.plane.authority.issue("relay", "relay", hosts=("127.0.0.1",))
        admin = self.plane.authority.issue("kubernetes-admin", "kubernetes-admin", ("system:masters",))
        board = self.plane.authority.issue("dashboard", _DASHBOARD[0], ("oidc:employees",))
        self.admin = Identity("kubernetes-admin", pair=admin)
        self._dashboard = Identity(_DASHBOARD[0], pair=board)

    @property
    def minor(self) -> int:
        """The minor version of Kubernetes."""
        return int(self.plane.plan.version.split(".")[1])

    def forward(self, client: Client, namespace: str, pod: str, seconds: float) -> Answer:
        """Keep a port-forward open, as the kubectl of the server's time does: by SPDY before 1.31."""
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/portforward"
        if self.minor < 31:
            return spdy(client, path, "portforward.k8s.io", seconds)
        return websocket(client, path, "SPDY/3.1+portforward.k8s.io", seconds)

    def admin_client(self, notebook: Notebook = lambda _id: None) -> Client:
        """The administrator at the bastion host."""
        return Client(self.admin, cast.BASTION, cast.AGENTS["admin"], self.plane.ca, notebook)

    def dashboard(self) -> Client:
        """A dashboard that everybody has open; the lab learns by it which pods run where."""
        return Client(self._dashboard, _DASHBOARD[1], _DASHBOARD[2], self.plane.ca)

    def person(self, name: str) -> cast.Person:
        """The person of that name."""
        return cast.PEOPLE[name]

    def login(self, name: str, seconds: int = 3600) -> Identity:
        """A person's fresh login; with negative `seconds` one that has expired."""
        found = cast.PEOPLE[name]
        return Identity(found.user, self.plane.issuer.token(found.email, found.groups, seconds=seconds))

    def place(self, name: str) -> str:
        """Where a person works today: the office's shared address unless they were sent elsewhere."""
        return self.places.get(name, cast.OFFICE)

    def static(self, name: str) -> Identity:
        """The bearer of a static token."""
        return Identity(cast.STATIC_TOKENS[name][0], self.tokens[name])

    def stranger(self, chance: random.Random) -> str:
        """The address of a hosted machine nobody knows."""
        return chance.choice(cast.STRANGERS)

    def running(self, namespace: str, app: str) -> Running:
        """A running pod of an application; waits for one."""
        found: list[Running] = []

        def look() -> bool:
            found[:] = self._running(namespace, app)
            return bool(found)

        wait_for(f"pods of {namespace}/{app}", look, 60, pause=1)
        return found[0]

    def legacy(self) -> Identity:
        """The forgotten service account whose token never expires, as it lies in somebody's old kubeconfig."""
        return self._legacy[0]

    def kubectl(
        self,
        person: str,
        arguments: list[str],
        notebook: Notebook,
        *,
        address: str = "",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the real kubectl as a person, from an address; its Audit-IDs are read off its own debug output."""
        with Relay(address or self.place(person), self._relay, self.plane.ca, notebook) as relay:
            identity = self.login(person)
            file = f"kubectl-{person}-{secrets.token_hex(4)}"
            config = self.plane.kubeconfig(file, {"token": identity.token or ""}, relay.url)
            command = [str(self.plane.plan.binaries["kubectl"]), f"--kubeconfig={config}", "-v=8", *arguments]
            environment = {"HOME": str(self.plane.folder), "PATH": "/usr/bin:/bin", **(env or {})}
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
            config.unlink()
        for line in done.stderr.splitlines():
            if "audit-id" in line.lower():
                notebook(line.lower().split("audit-id", 1)[1].split()[1].strip('[]",'))
        return done

    def curl(self, identity: Identity, address: str, path: str, notebook: Notebook, *headers: str) -> str:
        """Read a path with the real curl as somebody, from an address; returns what it printed, head and body."""
        sent = [f"Authorization: Bearer {identity.token}", *headers]
        options = [part for header in sent for part in ("--header", header)]
        command = ["curl", "--silent", "--include", "--interface", address, "--cacert", str(self.plane.ca), *options]
        done = subprocess.run([*command, f"{SERVER}{path}"], capture_output=True, text=True, check=True, timeout=60)
        for line in done.stdout.splitlines():
            if line.lower().startswith("audit-id:"):
                notebook(line.split(":", 1)[1].strip())
        return done.stdout

    def furnish(self, notebook: Notebook) -> None:
        """Create the organisation's objects and wait until its pods run."""
        client = self.admin_client(notebook)
        wait_for(
            "default service account", lambda: client.get("/api/v1/namespaces/default/serviceaccounts/default").ok, 60
        )
        services = Services(self.plane.services_pair, self._pods_of)
        self.plane.on_exit(services.stop)
        bundle = base64.b64encode(self.plane.services_ca.read_bytes()).decode()
        for manifest in manifests.read(WORLD):
            self._create(client, _with_bundle(manifest, bundle))
        self._legacy.append(self._read_legacy(client))
        wait_for("pods of the organisation", self._settled(), 120, pause=1)

    def _read_legacy(self, client: Client) -> Identity:
        path = "/api/v1/namespaces/data/secrets/old-reporter-token"
        wait_for("legacy token", lambda: "token" in (client.get(path).json.get("data") or ()), 30, pause=1)  # type: ignore[operator]
        token = base64.b64decode(client.get(path).json["data"]["token"]).decode()  # type: ignore[index]
        return Identity("system:serviceaccount:data:old-reporter", token)

    def _create(self, client: Client, manifest: manifests.Manifest) -> Answer:
        for _ in range(20):
            answer = client.post(manifests.path_of(manifest), manifest)
            if answer.code != 403 and answer.code < 500:
                break
            time.sleep(0.25)  # a namespace's default account or policy is not there yet
        if not answer.ok and answer.code != 409:
            raise RuntimeError(f"{manifest['kind']} {manifest['metadata']['name']}: {answer.body[:300]!r}")
        return answer

    def _settled(self) -> Callable[[], bool]:
        client = self.dashboard()

        def look() -> bool:
            items = client.get("/api/v1/pods").json.get("items")
            if not isinstance(items, list) or len(items) < 20:
                return False
            return all(item["status"].get("phase") in ("Running", "Succeeded") for item in items)

        return look

    def _pods_of(self, namespace: str) -> list[str]:
        client = self.dashboard()
        try:
            return client.get(f"/api/v1/namespaces/{namespace}/pods?limit=500").names
        finally:
            client.close()

    def _running(self, namespace: str, app: str) -> list[Running]:
        client = self.dashboard()
        found = client.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{app}&limit=500").json
        client.close()
        pods = found.get("items")
        if not isinstance(pods, list):
            return []
        living = [p for p in pods if p["status"].get("phase") == "Running" and "deletionTimestamp" not in p["metadata"]]
        return [one for one in (self._as_running(pod, app) for pod in living) if one is not None]

    def _as_running(self, pod: manifests.Manifest, app: str) -> Running | None:
        meta, node = pod["metadata"], pod["spec"]["nodeName"]
        volumes = self.plane.node_root(node) / "kubelet" / "pods" / meta["uid"] / "volumes" / "kubernetes.io~projected"
        token = next(iter(volumes.glob("*/token")), None)
        if token is None or "podIP" not in pod["status"]:
            return None
        account = f"system:serviceaccount:{meta['namespace']}:{pod['spec']['serviceAccountName']}"
        agent = cast.AGENTS[_APP_AGENTS.get(app, "python")]
        identity = Identity(account, token.read_text(encoding="ascii"))
        return Running(meta["namespace"], meta["name"], node, pod["status"]["podIP"], identity, agent)


def _with_bundle(manifest: manifests.Manifest, bundle: str) -> manifests.Manifest:
    """The manifest with the lab's own authority in the place of the words that stand for it."""
    text = json.dumps(manifest)
    found: manifests.Manifest = json.loads(text.replace('"SERVICES-CA"', json.dumps(bundle)))
    return found
