"""The exit codes beside 0; `docs/reference/cli.md` says in full what each means."""

from typing import Final

FAILED: Final = 1
"""What was asked about is there (`--fail-on`), or what was checked is wrong."""
USAGE: Final = 2
"""What was asked for makes no sense; also an id that names nothing, which only the log can tell."""
UNREADABLE: Final = 3
"""An input, or the rest of one, could not be read: the answer is about less than was asked."""
INCOMPLETE: Final = 5
"""The log has gaps, or the scan was cut short (`--require-complete`)."""
INTERNAL: Final = 70
"""An output could not be written, or kwho stopped at an error of its own."""
INTERRUPTED: Final = 130
