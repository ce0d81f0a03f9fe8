"""Entries of the journal."""

import io
import json
from typing import Any

from kwho.formats.reader import Reader
from kwho.schema.record import Record, Rejected

TEXT = json.dumps({"auditID": "j", "stage": "Panic", "verb": "get"})


def one(message: Any) -> Record | Rejected:
    document = {"__REALTIME_TIMESTAMP": "1", "_HOSTNAME": "cp-0", "MESSAGE": message}
    (found,) = Reader(io.BytesIO(json.dumps(document).encode()).readline)
    return found


def test_a_message_is_text_or_a_list_of_bytes() -> None:
    for message in (TEXT, list(TEXT.encode())):
        found = one(message)
        assert isinstance(found, Record)
        assert (found.event.auditID, found.context.instance) == ("j", "cp-0")


def test_a_message_left_out_is_truncated_and_a_wrong_one_malformed() -> None:
    for message, kind in ((None, "truncated"), ([1, 300], "malformed"), (["x"], "malformed"), (3, "filtered")):
        found = one(message)
        assert isinstance(found, Rejected)
        assert found.kind == kind
