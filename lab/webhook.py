"""The receiver of the audit webhook: one line for each batch, over TLS, asking for a certificate if wanted."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from lab.pki import Pair

ADDRESS: Final = "10.0.0.30"
PORT: Final = 9443
URL: Final = f"https://{ADDRESS}:{PORT}/audit"

Answer = Callable[[int], int]
"""Which HTTP status the n-th delivery (from 1) gets; None of the deliveries is written unless it is below 300."""


class Fault(NamedTuple):
    """What goes wrong with one delivery: the status it gets, and the seconds until it gets it."""

    status: int = 200
    seconds: float = 0.0


class Inbox:
    """What becomes of deliveries: kept in `path`, one compact EventList a line in the order of arrival, or refused."""

    def __init__(self, path: Path, answer: Answer = lambda _n: 200) -> None:
        self._path = path
        self._answer = answer
        self._lock = threading.Lock()
        self.deliveries = 0
        self.refused: list[str] = []  # the first audit id of every batch that was refused
        self.faults: dict[str, Fault] = {}  # for the next delivery that holds this audit id, once
        path.touch()

    def take(self, body: bytes) -> Fault:
        """Take one batch and say how it is to be answered; what is answered late is kept at once."""
        batch = json.loads(body)
        ids = [item["auditID"] for item in batch["items"]]
        with self._lock:
            self.deliveries += 1
            planned = [self.faults.pop(audit_id) for audit_id in dict.fromkeys(ids) if audit_id in self.faults]
            fault = planned[0] if planned else Fault(self._answer(self.deliveries))
            if fault.status >= 300:
                self.refused.append(ids[0])
            else:
                with self._path.open("ab") as file:
                    file.write(json.dumps(batch, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
        return fault


class Receiver:
    """Receives batches over TLS and puts them into its inbox."""

    def __init__(self, inbox: Inbox, pair: Pair, client_ca: Path | None = None) -> None:
        self.inbox = inbox
        self._server = _Server((ADDRESS, PORT), self._handler())
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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self.inbox.take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Take one batch."""
                fault = take(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(fault.seconds)
                self.send_response(fault.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: an API server that lost patience is gone when its answer comes."""


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
