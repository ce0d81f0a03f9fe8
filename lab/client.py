"""A client of the API with an identity, a source address and a user agent; it reports the Audit-ID of every request."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab.cluster import PORT
from lab.namespace import CONTROL_PLANE
from lab.pki import Pair

TABLE: Final = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)
MERGE: Final = "application/merge-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
APPLY: Final = "application/apply-patch+yaml"
_LONGEST_WAIT: Final = 90.0

Json = dict[str, object]
Notebook = Callable[[str], None]
"""Takes the Audit-ID of one request, as sent or returned."""


@dataclass(frozen=True)
class Identity:
    """Who a client is: the name that the audit log will show, and one credential or none (anonymous)."""

    name: str
    token: str | None = None
    pair: Pair | None = None


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status, Audit-ID and body."""

    code: int
    audit_id: str
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """True for 2xx and 101."""
        return 200 <= self.code < 300 or self.code == 101

    @property
    def json(self) -> Json:
        """The body as an object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def names(self) -> list[str]:
        """The names of the items of a list, also when it came as a table or with `namespace/name` needed by nobody."""
        found = self.json
        rows = found.get("items") or [row["object"] for row in found.get("rows") or ()]  # type: ignore[attr-defined]
        return [item["metadata"]["name"] for item in rows]  # type: ignore[attr-defined]


@dataclass
class Client:
    """Sends requests one after the other over one kept connection; use one client per thread."""

    identity: Identity
    address: str
    agent: str
    ca: Path
    notebook: Notebook = lambda _audit_id: None
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps_login: bool = False  # a 401 raises PermissionError: a program whose pod is gone starts again
    patience: float = _LONGEST_WAIT  # seconds without a byte, after which a TimeoutError is raised
    _connection: http.client.HTTPSConnection | None = field(default=None, repr=False)

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request; a body that is not bytes goes as JSON. Raises OSError when the server cannot be reached."""
        data, kind = _encode(body)
        sent = self._headers() | kind | dict(headers or {})
        for attempt in (1, 2):
            connection = self._connect()
            try:
                connection.request(method, path, data, sent)
                response = connection.getresponse()
                answer = Answer(response.status, response.headers.get("Audit-ID", ""), response.read())
            except (http.client.HTTPException, ConnectionError, ssl.SSLError):
                self.close()
                if attempt == 2:
                    raise
                continue
            self._note(answer.audit_id)
            if self.keeps_login and answer.code == 401:
                raise PermissionError(f"{self.identity.name}: the token is no longer good")
            return answer
        raise AssertionError("unreachable")

    def get(self, path: str, *, table: bool = False, headers: Mapping[str, str] | None = None) -> Answer:
        """Read; `table` as `kubectl get` prints it."""
        return self.send("GET", path, headers=dict(headers or {}) | ({"Accept": TABLE} if table else {}))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Create."""
        return self.send("POST", path, body, headers)

    def put(self, path: str, body: object) -> Answer:
        """Replace."""
        return self.send("PUT", path, body)

    def patch(self, path: str, body: object, kind: str = MERGE) -> Answer:
        """Change with a patch of the content type `kind`."""
        return self.send("PATCH", path, body, {"Content-Type": kind})

    def delete(self, path: str, body: object = None) -> Answer:
        """Delete."""
        return self.send("DELETE", path, body)

    def watch(self, path: str, seconds: int = 5) -> Answer:
        """Open a watch and read it until the server ends it after `seconds`."""
        return self.send("GET", f"{path}{'&' if '?' in path else '?'}watch=true&timeoutSeconds={seconds}")

    def stream(self, path: str, accept: str) -> Iterator[bytes]:
        """The lines of a watch, as they come, until the server ends it."""
        connection = self._connect()
        connection.request("GET", path, headers=self._headers() | {"Accept": accept})
        response = connection.getresponse()
        self._note(response.headers.get("Audit-ID", ""))
        while line := response.readline():
            yield line

    def open_socket(self) -> ssl.SSLSocket:
        """A TLS connection of its own, for protocols other than plain requests."""
        raw = socket.create_connection((CONTROL_PLANE, PORT), _LONGEST_WAIT, (self.address, 0))
        return self._context().wrap_socket(raw, server_hostname=CONTROL_PLANE)

    def credentials(self) -> dict[str, str]:
        """The headers that every request of this client carries, whatever the protocol."""
        return self._headers()

    def note(self, audit_id: str) -> None:
        """Report the Audit-ID of a request that was sent by other means."""
        self._note(audit_id)

    def close(self) -> None:
        """Close the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _note(self, audit_id: str) -> None:
        if audit_id:
            self.notebook(audit_id)

    def _headers(self) -> dict[str, str]:
        found = {"User-Agent": self.agent, "Accept": "application/json", **self.headers}
        if self.identity.token is not None:
            found["Authorization"] = f"Bearer {self.identity.token}"
        return found

    def _connect(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection(
                CONTROL_PLANE, PORT, timeout=self.patience, source_address=(self.address, 0), context=self._context()
            )
        return self._connection

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        if self.identity.pair is not None:
            context.load_cert_chain(self.identity.pair.certificate, self.identity.pair.key)
        return context


def _encode(body: object) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, {}
    if isinstance(body, bytes):
        return body, {"Content-Type": "application/json"}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}
