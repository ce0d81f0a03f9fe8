"""A relay that lets a program which cannot choose its source address, as kubectl, call from any address.

The server does not return the audit id of a connection that it upgrades (exec, attach, port-forward): the relay ends
the TLS connection and sends an id of its own with such a request, so that it is known.
"""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from lab.cluster import PORT
from lab.namespace import CONTROL_PLANE
from lab.pki import Pair

_LONGEST_HEAD: Final = 1 << 16
_PATIENCE: Final = 60.0


class Relay:
    """Listens on a loopback port and forwards every connection to the API server from `address`."""

    def __init__(self, address: str, pair: Pair, ca: Path, notebook: Callable[[str], None]) -> None:
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.load_cert_chain(pair.certificate, pair.key)
        outer.set_alpn_protocols(["http/1.1"])
        inner = ssl.create_default_context(cafile=str(ca))

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                """Pass the head on, with an id if it asks for an upgrade, and then everything both ways."""
                raw = socket.create_connection((CONTROL_PLANE, PORT), _PATIENCE, (address, 0))
                with (
                    outer.wrap_socket(self.request, server_side=True) as client,
                    inner.wrap_socket(raw, server_hostname=CONTROL_PLANE) as server,
                ):
                    server.sendall(_with_id(_head(client), notebook))
                    _pass(client, server)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A connection that breaks off is the client's affair."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _head(client: ssl.SSLSocket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _LONGEST_HEAD:
        chunk = client.recv(1 << 14)
        if not chunk:
            break
        data += chunk
    return data


def _with_id(head: bytes, notebook: Callable[[str], None]) -> bytes:
    line, _, rest = head.partition(b"\r\n")
    if b"\r\nupgrade:" not in head.lower():
        return head
    audit_id = str(uuid.uuid4())
    notebook(audit_id)
    return line + b"\r\nAudit-ID: " + audit_id.encode() + b"\r\n" + rest


def _pass(client: ssl.SSLSocket, server: ssl.SSLSocket) -> None:
    """Copy both ways in one thread (TLS connections are not for two) until one side ends."""
    other = {client: server, server: client}
    while True:
        ready = [one for one in other if one.pending()] or select.select(list(other), [], [], _PATIENCE)[0]
        if not ready:
            return
        for one in ready:
            data = one.recv(1 << 16)
            if not data:
                return
            other[one].sendall(data)
