"""Base64 inside JSON, as clouds pack documents; what comes out may be gzip and is inflated within a bound."""

import base64
from typing import Final

from kwho.formats import Facts, Inner, Refusal
from kwho.inflate import inflate, sniff

INFLATED: Final = 64 << 20
"""Bytes that a compressed member may hold; CloudWatch packs at most 6 MB into one."""


def unpack(text: str, facts: Facts) -> Inner | Refusal:
    """What stands in base64, compressed or not."""
    try:
        data = base64.b64decode(text)
        if sniff(data[:4]) is not None:
            data = inflate(data, INFLATED)
    except ValueError:
        return Refusal("broken base64 or gzip inside JSON", "malformed", text.encode()[:4096], facts)
    return Inner(data, facts, unescaped=True)
