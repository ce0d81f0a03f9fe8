"""Exec, attach and port-forward: by WebSocket as current clients do, by SPDY as older ones did."""

from __future__ import annotations

import base64
import os
import ssl
import struct
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode

from lab.client import Answer, Client
from lab.cluster import PORT
from lab.namespace import CONTROL_PLANE

_REMOTE_COMMAND: Final = "v5.channel.k8s.io"
_LONGEST_HEAD: Final = 1 << 16
_CLOSE, _PING = 0x8, 0x9


def exec_path(
    namespace: str, pod: str, command: Sequence[str], *, container: str = "", stdin: bool = False, tty: bool = False
) -> str:
    """The path and query of an exec request as kubectl writes it."""
    query = [("command", part) for part in command]
    query += [("container", container)] if container else []
    query += [("stdin", "true")] if stdin else []
    query += [("stdout", "true")]
    query += [("tty", "true")] if tty else [("stderr", "true")]
    return f"/api/v1/namespaces/{namespace}/pods/{pod}/exec?{urlencode(query)}"


def run(
    client: Client, namespace: str, pod: str, command: Sequence[str], *, tty: bool = False, seconds: float = 0.0
) -> Answer:
    """Run a command in a pod by WebSocket; `seconds` keeps an interactive session open that long."""
    path = exec_path(namespace, pod, command, stdin=seconds > 0, tty=tty)
    return websocket(client, path, _REMOTE_COMMAND, seconds)


def attach(client: Client, namespace: str, pod: str, seconds: float = 0.5) -> Answer:
    """Attach to the first container of a pod by WebSocket for some seconds."""
    query = urlencode({"stdin": "true", "stdout": "true", "tty": "true"})
    return websocket(client, f"/api/v1/namespaces/{namespace}/pods/{pod}/attach?{query}", _REMOTE_COMMAND, seconds)


def websocket(client: Client, path: str, protocol: str, seconds: float = 0.0) -> Answer:
    """Open a WebSocket, read until it ends (at most `seconds` when given), and return what came on standard output."""
    with client.open_socket() as connection:
        audit_id = str(uuid.uuid4())  # the server does not return one when it upgrades the connection
        client.note(audit_id)
        connection.sendall(_hello(client, path, protocol, audit_id))
        code, rest = _head(connection)
        if code != 101:
            return Answer(code, audit_id, rest + _drain(connection))
        output = bytearray()
        end = time.monotonic() + (seconds or 60.0)
        connection.settimeout(min(seconds, 60.0) or 60.0)
        try:
            for payload in _frames(connection, rest):
                output += payload[1:] if payload[:1] == b"\x01" else b""
                if time.monotonic() > end:
                    break
        except (TimeoutError, ConnectionError, ssl.SSLError):
            pass  # the session was kept as long as wanted
        return Answer(code, audit_id, bytes(output))


def spdy(client: Client, path: str, protocol: str = "v4.channel.k8s.io", seconds: float = 0.0) -> Answer:
    """Ask for SPDY by POST, as kubectl before 1.31 and most client libraries do, and hang up after `seconds`."""
    audit_id = str(uuid.uuid4())
    with client.open_socket() as connection:
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {CONTROL_PLANE}:{PORT}",
            f"Audit-ID: {audit_id}",
            "Connection: Upgrade",
            "Upgrade: SPDY/3.1",
            f"X-Stream-Protocol-Version: {protocol}",
            "Content-Length: 0",
            *(f"{name}: {value}" for name, value in client.credentials().items() if name != "Accept"),
        ]
        client.note(audit_id)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        code, _ = _head(connection)
        if code == 101:
            time.sleep(seconds)
        return Answer(code, audit_id)


def _hello(client: Client, path: str, protocol: str, audit_id: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {CONTROL_PLANE}:{PORT}",
        f"Audit-ID: {audit_id}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Sec-WebSocket-Protocol: {protocol}",
        *(f"{name}: {value}" for name, value in client.credentials().items() if name != "Accept"),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _head(connection: ssl.SSLSocket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _LONGEST_HEAD:
        chunk = connection.recv(4096)
        if not chunk:
            break
        data += chunk
    head, _, rest = data.partition(b"\r\n\r\n")
    parts = head.decode("latin-1").split(" ", 2)
    return int(parts[1]) if len(parts) > 1 else 0, rest


def _drain(connection: ssl.SSLSocket) -> bytes:
    connection.settimeout(0.2)
    try:
        return connection.recv(1 << 16)
    except (TimeoutError, OSError):
        return b""


def _frames(connection: ssl.SSLSocket, buffered: bytes) -> Iterator[bytes]:
    """The payloads of the data frames until the other side closes."""
    while True:
        buffered = _read(connection, buffered, 2)
        code, length = buffered[0] & 0x0F, buffered[1] & 0x7F
        head = 2 + {126: 2, 127: 8}.get(length, 0)
        buffered = _read(connection, buffered, head)
        if head > 2:
            (length,) = struct.unpack("!H" if head == 4 else "!Q", buffered[2:head])
        buffered = _read(connection, buffered, head + length)
        payload, buffered = buffered[head : head + length], buffered[head + length :]
        if code == _CLOSE:
            return
        if code != _PING:
            yield payload


def _read(connection: ssl.SSLSocket, buffered: bytes, size: int) -> bytes:
    while len(buffered) < size:
        chunk = connection.recv(1 << 16)
        if not chunk:
            raise ConnectionError("closed")
        buffered += chunk
    return buffered
