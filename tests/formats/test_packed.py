"""Base64 inside JSON is unpacked within a bound."""

import base64
import gzip

from kwho.formats import Facts, Inner, Refusal
from kwho.formats.packed import unpack

FACTS = Facts("x")


def test_plain_and_compressed_content_comes_out() -> None:
    for content in (b'{"a":1}', gzip.compress(b'{"a":1}')):
        assert unpack(base64.b64encode(content).decode(), FACTS) == Inner(b'{"a":1}', FACTS, True)


def test_torn_content_and_bombs_are_malformed() -> None:
    torn = base64.b64encode(gzip.compress(b"x" * 1000)[:-9]).decode()
    bomb = base64.b64encode(gzip.compress(bytes(65 << 20))).decode()
    for text in (torn, bomb, "é"):
        step = unpack(text, FACTS)
        assert isinstance(step, Refusal)
        assert step.kind == "malformed"
