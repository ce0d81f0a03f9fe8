"""Syslog: RFC 5424 with or without a byte count, and the older RFC 3164."""

import re
from typing import Final

from kwho.formats import Facts, Inner, Step

_RFC5424: Final = re.compile(
    rb"(?:\d{1,9} )?<\d{1,3}>1 \S+ (\S+) \S+ \S+ \S+ "
    rb"(?:-|(?:\[(?:[^\]\"\\]|\\.|\"(?:[^\"\\]|\\.)*+\")*+\])+) ?(?:\xef\xbb\xbf)?"
)
_RFC3164: Final = re.compile(
    rb"(?:<\d{1,3}>)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d (\S+) [^:\s{]{1,64}: ?"
)


class Syslog:
    """The message behind a syslog header; the host is the instance, the rest of the header is not trusted."""

    priority = 210
    formats = ("syslog-rfc5424", "syslog-rfc3164")
    lists: frozenset[str] = frozenset()
    examples = (
        b'<110>1 2026-03-01T08:00:00.000001Z cp-0 kubeAPI y1 kubeAPI - {"auditID":"y1",'
        b'"stage":"ResponseComplete","verb":"get","level":"Metadata","requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
        b'<110>Mar  1 08:00:00 cp-0 kube-apiserver[7]: {"auditID":"y2","stage":"ResponseComplete","verb":"get",'
        b'"level":"Metadata","requestReceivedTimestamp":"2026-03-01T08:00:00.000001Z"}\n',
    )

    def strip(self, line: bytes, /) -> Step | None:
        """A line with a syslog header."""
        for slug, header in (("syslog-rfc5424", _RFC5424), ("syslog-rfc3164", _RFC3164)):
            head = header.match(line)
            if head is not None:
                host = head.group(1).decode("utf-8", "replace")
                return Inner(line[head.end() :], Facts(slug, instance=None if host == "-" else host))
        return None


FORMAT: Final = Syslog()
