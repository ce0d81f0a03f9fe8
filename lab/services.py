"""What answers at addresses of services: the metrics API behind the aggregator, and the admission guard.

The lab has no service proxy; the loopback interface owns the service addresses, so these servers listen on them.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from lab.pki import Pair

METRICS: Final = "10.96.0.50"
GUARD: Final = "10.96.0.60"
HOSTS: Final = (
    METRICS,
    GUARD,
    "metrics-server.kube-system.svc",
    "guard.security.svc",
)
_GROUP: Final = "/apis/metrics.k8s.io/v1beta1"
_POD_METRICS: Final = re.compile(_GROUP + r"/namespaces/([a-z0-9-]+)/pods")

Json = dict[str, Any]
PodsOf = Callable[[str], list[str]]
"""The names of the pods of a namespace."""


class Services:
    """Both servers; started when the organisation is furnished, stopped with the lab."""

    def __init__(self, pair: Pair, pods_of: PodsOf, seed: int = 0) -> None:
        chance = random.Random(seed)
        lock = threading.Lock()

        def metrics(path: str, _body: bytes) -> Json | None:
            with lock:
                return _metrics(path, pods_of, chance)

        self._servers = [_serve(METRICS, pair, metrics), _serve(GUARD, pair, _guard)]

    def stop(self) -> None:
        """Stop answering and close the sockets."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


def _metrics(path: str, pods_of: PodsOf, chance: random.Random) -> Json | None:
    version = "metrics.k8s.io/v1beta1"
    if path.partition("?")[0] == _GROUP:
        pods = {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [pods]}
    found = _POD_METRICS.match(path)
    if found is None:
        return None
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    items = [
        {
            "metadata": {"name": name, "namespace": found[1], "creationTimestamp": now},
            "timestamp": now,
            "window": "15s",
            "containers": [{"name": "web", "usage": {"cpu": f"{chance.randrange(40, 400)}m", "memory": "90Mi"}}],
        }
        for name in pods_of(found[1])
    ]
    return {"kind": "PodMetricsList", "apiVersion": version, "metadata": {}, "items": items}


def _guard(_path: str, body: bytes) -> Json | None:
    if not body:
        return None  # somebody else's API service points here, and the server asks whether it is there
    review = json.loads(body)
    images = [c.get("image", "") for c in (review["request"].get("object") or {}).get("spec", {}).get("containers", ())]
    verdict = "known" if all(image.startswith("registry.example.com/") for image in images) else "unknown registry"
    answer = {"uid": review["request"]["uid"], "allowed": True, "auditAnnotations": {"images": verdict}}
    return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": answer}


def _serve(address: str, pair: Pair, answer: Callable[[str, bytes], Json | None]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer one request."""
            found = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            body = json.dumps(
                found or {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}
            ).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            """Answer one request that has a body."""
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((address, 443), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
