"""The receiver of the audit webhook: one line for each batch, over TLS, asking for a certificate if wanted."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import yaml

from lab.pki import Pair

ADDRESS: Final = "10.0.0.30"
PORT: Final = 9443
URL: Final = f"https://{ADDRESS}:{PORT}/audit"

Answer = Callable[[int], int]
"""Which HTTP status the n-th delivery (from 1) gets; None of the deliveries is written unless it is below 300."""


class Receiver:
    """Receives batches and keeps them in `path`, one compact EventList a line, in the order of arrival."""

    def __init__(self, path: Path, pair: Pair, client_ca: Path | None = None, answer: Answer = lambda _n: 200) -> None:
        self._path = path
        self._answer = answer
        self._lock = threading.Lock()
        self.deliveries = 0
        self.refused: list[str] = []  # the first audit id of every batch that was refused
        path.touch()
        self._server = ThreadingHTTPServer((ADDRESS, PORT), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Receive until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Stop receiving and close the socket."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, body: bytes) -> int:
        with self._lock:
            self.deliveries += 1
            status = self._answer(self.deliveries)
            if status >= 300:
                self.refused.append(json.loads(body)["items"][0]["auditID"])
            else:
                with self._path.open("ab") as file:
                    file.write(json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
        return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Take one batch."""
                status = take(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


def write_config(path: Path, authority: Path, client: Pair | None) -> None:
    """Write the kubeconfig by which the API server finds the receiver; with `client` it shows a certificate (mTLS)."""
    user = {} if client is None else {"client-certificate": str(client.certificate), "client-key": str(client.key)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "receiver", "cluster": {"server": URL, "certificate-authority": str(authority)}}],
        "users": [{"name": "apiserver", "user": user}],
        "contexts": [{"name": "audit", "context": {"cluster": "receiver", "user": "apiserver"}}],
        "current-context": "audit",
    }
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
