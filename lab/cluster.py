"""One control plane: etcd, API server, controllers, nodes, issuer, audit receiver, started and stopped in order."""

from __future__ import annotations

import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import yaml

from lab import oidc, services, webhook
from lab.namespace import CONTROL_PLANE, NODES
from lab.pki import Authority, Pair, write_rsa_key
from lab.process import Program, wait_for

PORT: Final = 6443
SERVER: Final = f"https://{CONTROL_PLANE}:{PORT}"
POLICIES: Final = Path(__file__).parent / "policies"
_HOSTS: Final = (
    CONTROL_PLANE,
    "127.0.0.1",
    "10.96.0.1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "localhost",
)
_SA_ISSUER: Final = "https://kubernetes.default.svc.cluster.local"

Flags = dict[str, str | int | Path]


@dataclass(frozen=True)
class Plan:
    """What to start: programs, policy, nodes, and how the audit backends behave."""

    binaries: dict[str, Path]
    policy: Path
    version: str
    nodes: tuple[str, ...] = ("node-1", "node-2", "node-3")
    tokens: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)  # token -> (user, groups)
    log_megabytes: int = 50
    webhook_mode: str = "batch"
    webhook_mtls: bool = True
    webhook_backoff: str = "10s"
    answer: webhook.Answer = lambda _n: 200
    controllers: bool = True
    extra_flags: tuple[str, ...] = ()


class ControlPlane:
    """A running control plane; use as a context manager so that everything ends in order."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self.audit_folder = folder / "audit"
        self.webhook_path = folder / "webhook.jsonl"
        self._programs: list[Program] = []
        self._stack = ExitStack()
        for name in (folder, self.audit_folder, folder / "out"):
            name.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(folder / "pki", "kubernetes")
        self._other = Authority(folder / "pki-services", "services")
        self.service_account_key = write_rsa_key(folder / "pki", "service-accounts")
        served = self._other.issue("services", "services", hosts=(oidc.ADDRESS, webhook.ADDRESS, *services.HOSTS))
        self.services_pair = served
        self.issuer = oidc.Issuer(served, write_rsa_key(folder / "pki-services", "issuer"))
        ca = self._other.pair.certificate if plan.webhook_mtls else None
        self.receiver = webhook.Receiver(webhook.Inbox(self.webhook_path, plan.answer), served, ca)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def ca(self) -> Path:
        """The certificate that clients trust."""
        return self.authority.pair.certificate

    @property
    def services_ca(self) -> Path:
        """The certificate that the API server trusts when it calls services."""
        return self._other.pair.certificate

    def on_exit(self, end: Callable[[], None]) -> None:
        """Have something ended before the control plane ends."""
        self._stack.callback(end)

    def kubeconfig(self, file: str, user: dict[str, str], server: str = SERVER) -> Path:
        """Write a kubeconfig with the `user` entry as kubectl reads it, and return its path."""
        path = self.folder / f"{file}.kubeconfig"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "production", "cluster": {"server": server, "certificate-authority": str(self.ca)}}],
            "users": [{"name": file, "user": user}],
            "contexts": [{"name": file, "context": {"cluster": "production", "user": file}}],
            "current-context": file,
        }
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path

    def certificate_config(self, file: str, user: str, groups: tuple[str, ...] = ()) -> Path:
        """Sign a client certificate and write the kubeconfig that uses it."""
        pair = self.authority.issue(file, user, groups)
        return self.kubeconfig(file, {"client-certificate": str(pair.certificate), "client-key": str(pair.key)})

    def logs(self) -> list[Path]:
        """The files of the audit log, oldest first."""
        rotated = sorted(self.audit_folder.glob("audit-*.log"))
        return [*rotated, self.audit_folder / "audit.log"]

    def node_root(self, node: str) -> Path:
        """The folder in which a node keeps its state."""
        return self.folder / "nodes" / node

    def add_node(self, name: str) -> Program:
        """Join one more node with a certificate of its own."""
        number = 1 + sum(1 for program in self._programs if program.name.startswith("node-"))
        root = self.node_root(name)
        root.mkdir(parents=True)
        config = self.certificate_config(f"node-{name}", f"system:node:{name}", ("system:nodes",))
        command: list[str | Path] = [
            self.plan.binaries["node"],
            f"--name={name}",
            f"--address={NODES[number - 1]}",
            f"--pod-prefix=10.244.{number}",
            f"--kubeconfig={config}",
            f"--root={root}",
        ]
        return self._run(f"node-{name}", command)

    def crash(self, name: str) -> None:
        """End one program as a crash would."""
        for program in self._programs:
            if program.name == name:
                program.kill()

    def flush(self) -> None:
        """Wait until the audit webhook has sent what it buffers: the longest wait for a batch, and its repetitions."""
        time.sleep(6)

    def start_scheduler(self) -> Program:
        """Start the scheduler, also after a crash."""
        return self._run("kube-scheduler", self._scheduler())

    def stop_node(self, name: str) -> None:
        """Shut one node down."""
        for program in self._programs:
            if program.name == f"node-{name}":
                program.stop(5)

    def ready(self) -> bool:
        """True when the API server says so."""
        context = ssl.create_default_context(cafile=str(self.ca))
        try:
            request = urllib.request.Request(f"{SERVER}/livez", headers={"User-Agent": "kube-probe/1.36"})
            with urllib.request.urlopen(request, context=context, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _start(self) -> None:
        self.issuer.start()
        self._stack.callback(self.issuer.stop)
        self.receiver.start()
        self._stack.callback(self.receiver.stop)
        etcd = self._run("etcd", self._etcd())
        self._run("kube-apiserver", self._apiserver())
        wait_for("kube-apiserver", self.ready, 90, etcd, self._programs[-1])
        if self.plan.controllers:
            self._run("kube-controller-manager", self._controller_manager())
            self.start_scheduler()
        for name in self.plan.nodes:
            self.add_node(name)

    def _run(self, name: str, command: Sequence[str | Path]) -> Program:
        program = Program(name, command, self.folder / "out")
        self._programs.append(program)
        self._stack.callback(program.stop)
        return program

    def _etcd(self) -> list[str | Path]:
        url = "http://127.0.0.1:2379"
        return [
            self.plan.binaries["etcd"],
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--log-level=error",
            "--unsafe-no-fsync",
        ]

    def _apiserver(self) -> list[str | Path]:
        flags = self._serving_flags() | self._login_flags() | self._calling_flags() | self._audit_flags()
        named = (f"--{name}={value}" for name, value in flags.items())
        return [self.plan.binaries["kube-apiserver"], *named, *self.plan.extra_flags]

    def _serving_flags(self) -> Flags:
        server = self.authority.issue("apiserver", "kube-apiserver", hosts=_HOSTS)
        return {
            "etcd-servers": "http://127.0.0.1:2379",
            "bind-address": "0.0.0.0",
            "advertise-address": CONTROL_PLANE,
            "secure-port": PORT,
            "cert-dir": self.folder / "pki",
            "tls-cert-file": server.certificate,
            "tls-private-key-file": server.key,
            "service-cluster-ip-range": "10.96.0.0/16",
            "authorization-mode": "Node,RBAC",
            "allow-privileged": "true",
            "enable-admission-plugins": "NodeRestriction",
        }

    def _login_flags(self) -> Flags:
        tokens = self.folder / "tokens.csv"
        rows = [f'{t},{user},uid-{user},"{",".join(groups)}"\n' for t, (user, groups) in self.plan.tokens.items()]
        tokens.write_text("".join(rows), encoding="utf-8")
        static: Flags = {"token-auth-file": tokens} if rows else {}
        return static | {
            "client-ca-file": self.ca,
            "service-account-issuer": _SA_ISSUER,
            "service-account-key-file": self.service_account_key,
            "service-account-signing-key-file": self.service_account_key,
            "oidc-issuer-url": oidc.URL,
            "oidc-client-id": oidc.CLIENT,
            "oidc-ca-file": self._other.pair.certificate,
            "oidc-username-claim": "email",
            "oidc-username-prefix": "oidc:",
            "oidc-groups-claim": "groups",
            "oidc-groups-prefix": "oidc:",
        }

    def _calling_flags(self) -> Flags:
        kubelet = self.authority.issue("apiserver-kubelet", "kube-apiserver-kubelet-client", ("system:masters",))
        proxy = Authority(self.folder / "pki-front-proxy", "front-proxy")
        front = proxy.issue("front-proxy-client", "front-proxy-client")
        return {
            "kubelet-client-certificate": kubelet.certificate,
            "kubelet-client-key": kubelet.key,
            "kubelet-preferred-address-types": "InternalIP",
            "requestheader-client-ca-file": proxy.pair.certificate,
            "requestheader-allowed-names": "front-proxy-client",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-username-headers": "X-Remote-User",
            "proxy-client-cert-file": front.certificate,
            "proxy-client-key-file": front.key,
        }

    def _audit_flags(self) -> Flags:
        plan = self.plan
        client: Pair | None = self._other.issue("audit-client", "kube-apiserver-audit") if plan.webhook_mtls else None
        webhook.write_config(self.folder / "webhook.yaml", self._other.pair.certificate, client)
        batch: Flags = {"audit-webhook-batch-max-wait": "2s"} if plan.webhook_mode == "batch" else {}
        return batch | {
            "audit-policy-file": plan.policy,
            "audit-log-path": self.audit_folder / "audit.log",
            "audit-log-maxsize": plan.log_megabytes,
            "audit-webhook-config-file": self.folder / "webhook.yaml",
            "audit-webhook-mode": plan.webhook_mode,
            "audit-webhook-initial-backoff": plan.webhook_backoff,
        }

    def _controller_manager(self) -> list[str | Path]:
        config = self.certificate_config("controller-manager", "system:kube-controller-manager")
        return [
            self.plan.binaries["kube-controller-manager"],
            f"--kubeconfig={config}",
            f"--authentication-kubeconfig={config}",
            f"--authorization-kubeconfig={config}",
            "--bind-address=127.0.0.1",
            "--use-service-account-credentials",
            f"--service-account-private-key-file={self.service_account_key}",
            f"--root-ca-file={self.ca}",
            f"--cluster-signing-cert-file={self.ca}",
            f"--cluster-signing-key-file={self.authority.pair.key}",
            "--controllers=*,bootstrapsigner,tokencleaner",
            "--cluster-cidr=10.244.0.0/16",
        ]

    def _scheduler(self) -> list[str | Path]:
        config = self.certificate_config("scheduler", "system:kube-scheduler")
        return [
            self.plan.binaries["kube-scheduler"],
            f"--kubeconfig={config}",
            f"--authentication-kubeconfig={config}",
            f"--authorization-kubeconfig={config}",
            "--bind-address=127.0.0.1",
        ]


def remove(folder: Path) -> None:
    """Remove a lab's folder; what a dying kubelet still writes is waited for."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.2)
