"""What looks like an audit event is named."""

import io

import pytest

from kwho.formats.reader import Reader
from kwho.schema.record import Rejected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"kind":"AdmissionReview","request":{},"requestReceivedTimestamp":"t"}', "AdmissionReview"),
        (b'{"rule":"x","output_fields":{"ka.verb":"get"}}', "Falco alert"),
        (b'{"kind":"Event","apiVersion":"events.k8s.io/v1","regarding":{}}', "Kubernetes Event"),
        (b"E0301 08:00:00.000001   12345 a.go:1] x", "klog"),
        (b"node=n type=USER_CMD msg=audit(1.0:1): x", "host audit"),
    ],
)
def test_look_alikes_are_filtered_by_name(line: bytes, reason: str) -> None:
    (found,) = Reader(io.BytesIO(line).readline)
    assert isinstance(found, Rejected)
    assert (found.kind, found.reason) == ("filtered", reason)
