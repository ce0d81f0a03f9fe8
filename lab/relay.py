"""A TCP relay that lets a program which cannot choose its source address, as kubectl, call from any address."""

from __future__ import annotations

import socket
import socketserver
import threading
from types import TracebackType
from typing import Self

from lab.cluster import PORT
from lab.namespace import CONTROL_PLANE


class Relay:
    """Listens on a loopback port and forwards every connection to the API server from `address`."""

    def __init__(self, address: str) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                """Copy both ways until one side ends."""
                with socket.create_connection((CONTROL_PLANE, PORT), 30, (address, 0)) as server:
                    server.settimeout(None)
                    back = threading.Thread(target=_copy, args=(server, self.request), daemon=True)
                    back.start()
                    _copy(self.request, server)
                    back.join(5)

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


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
