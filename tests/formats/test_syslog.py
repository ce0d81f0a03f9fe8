"""Syslog headers."""

import pytest

from kwho.formats import Facts, Inner
from kwho.formats.syslog import FORMAT


@pytest.mark.parametrize(
    ("line", "slug", "host"),
    [
        (b"<110>1 2026-03-01T08:00:00Z cp-0 kubeAPI y1 kubeAPI - {}", "syslog-rfc5424", "cp-0"),
        (b"61 <110>1 - - - - - - \xef\xbb\xbf{}", "syslog-rfc5424", None),
        (b'<110>1 - cp-0 a b c [x@1 k="\\]]"][y] {}', "syslog-rfc5424", "cp-0"),
        (b"<110>Mar  1 08:00:00 cp-0 kube-apiserver[7]: {}", "syslog-rfc3164", "cp-0"),
        (b"Mar 11 08:00:00 cp-0 audit: {}", "syslog-rfc3164", "cp-0"),
    ],
)
def test_the_message_stands_behind_the_header(line: bytes, slug: str, host: str | None) -> None:
    assert FORMAT.strip(line) == Inner(b"{}", Facts(slug, instance=host))


def test_other_lines_have_no_header() -> None:
    assert FORMAT.strip(b"<110> hello") is None
