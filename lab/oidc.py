"""A small OpenID Connect issuer on loopback: discovery document, keys, and tokens signed on request."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lab.pki import Pair

ADDRESS: Final = "10.0.0.20"
PORT: Final = 8443
URL: Final = f"https://{ADDRESS}:{PORT}"
CLIENT: Final = "kubernetes"
_KEY_ID: Final = "issuer-1"


class Issuer:
    """The issuer: serves its documents over TLS and signs tokens with its own RSA key."""

    def __init__(self, pair: Pair, key: Path) -> None:
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        self._key = loaded
        self._server = ThreadingHTTPServer((ADDRESS, PORT), _handler(self._documents()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the socket."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, email: str, groups: tuple[str, ...], *, seconds: int = 3600, audience: str = CLIENT) -> str:
        """An ID token for `email`; with negative `seconds` one that has expired already."""
        now = int(time.time())
        claims = {
            "iss": URL,
            "aud": audience,
            "sub": email.split("@", maxsplit=1)[0],
            "email": email,
            "email_verified": True,
            "groups": list(groups),
            "iat": now - 7200,
            "exp": now + seconds,
        }
        head = {"alg": "RS256", "kid": _KEY_ID, "typ": "JWT"}
        signed = b".".join(_segment(json.dumps(part).encode()) for part in (head, claims))
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _segment(signature)).decode()

    def _documents(self) -> dict[str, object]:
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": _KEY_ID,
            "n": _segment(numbers.n.to_bytes(256, "big")).decode(),
            "e": _segment(numbers.e.to_bytes(3, "big")).decode(),
        }
        discovery = {
            "issuer": URL,
            "jwks_uri": f"{URL}/keys",
            "authorization_endpoint": f"{URL}/authorize",
            "token_endpoint": f"{URL}/token",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return {"/.well-known/openid-configuration": discovery, "/keys": {"keys": [key]}}


def _segment(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _handler(documents: dict[str, object]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the document of the path."""
            document = documents.get(self.path)
            body = json.dumps(document).encode()
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
