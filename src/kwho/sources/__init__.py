"""Where bytes come from: paths become inputs, inputs become parts, and a part is read line by line.

Whoever only asks for lines never learns whether they came from a plain file, an archive or a pipe.
"""

from kwho.sources.input import Input, Part, Unreadable
from kwho.sources.stream import Stream, open_part, parts
from kwho.sources.walk import discover

__all__ = ["Input", "Part", "Stream", "Unreadable", "discover", "open_part", "parts"]
