"""Commands to go on with: one line that a person can paste, with the paths and options of the run that proposes it."""

import shlex
from typing import Final

import msgspec

Option = tuple[str, str | None]
"""An option by its long name, and its value; a switch has none."""

LONGEST: Final = 1_900
"""Characters of one command; a longer one names its paths and options by a word in capitals."""

PATH: Final = "PATH"
OPTIONS: Final = "OPTIONS"

_OF_HEALTH: Final = frozenset({"--policy"})
"""Options that change what is said of rules, and nothing that is found."""
_OF_FINDINGS: Final = frozenset({"--show-excluded"})
"""Options that change which findings are listed, and no incident."""
_OF_RULES: Final = frozenset({"--rules", "--no-pack"})
_BLIND: Final = _OF_RULES | {"--disable", "--policy", "--site", "--snapshot"}


class Asked(msgspec.Struct, frozen=True):
    """What a run was asked: its paths, and those of its options that decide the answer, as they were typed."""

    paths: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    def story(self, incident: str, room: int = LONGEST) -> str:
        """Tells an incident in full."""
        return self._command(f"kwho story {incident}", self._except(_OF_HEALTH | _OF_FINDINGS), room)

    def show(self, finding: str, room: int = LONGEST) -> str:
        """Tells a finding in full."""
        return self._command("kwho scan", [*self._except(_OF_HEALTH), ("--show", finding)], room)

    def blind(self, room: int = LONGEST) -> str:
        """Says which rules cannot fire on the log, and why."""
        return self._command("kwho rules blind", self._only(_BLIND), room)

    def again(self, room: int = LONGEST) -> str:
        """Scans once more."""
        return self._command("kwho scan", [*self.options], room)

    def page(self, room: int = LONGEST) -> str:
        """Writes a report."""
        return self._command("kwho scan", [*self.options, ("--out", "html=report.html")], room)

    def rule(self, rule: str) -> str:
        """Shows a rule."""
        return " ".join((f"kwho rules show {typed(rule)}", *_spelled(self._only(_OF_RULES))))

    def unsaid(self, commands: str) -> str:
        """What the words in capitals in some commands stand for; empty when there is none."""
        named = [name for name in (PATH, OPTIONS) if name in commands.split()]
        if PATH in named and "-" in self.paths:
            return f"{' and '.join(named)}: the log kept in a file, since standard input cannot be read twice"
        return f"{' and '.join(named)}: as given to this scan" if named else ""

    def _only(self, names: frozenset[str]) -> list[Option]:
        return [option for option in self.options if option[0] in names]

    def _except(self, names: frozenset[str]) -> list[Option]:
        return [option for option in self.options if option[0] not in names]

    def _command(self, words: str, options: list[Option], room: int) -> str:
        known = bool(self.paths) and "-" not in self.paths
        paths = [typed(path, path=True) for path in self.paths] if known else [PATH]
        whole = " ".join((words, *paths, *_spelled(options)))
        if len(whole) <= room:
            return whole
        own, carried = [option for option in options if option not in self.options], len(options)
        short = " ".join((words, PATH, *_spelled(options)))
        if len(short) <= room:
            return short
        return " ".join((words, PATH, *([OPTIONS] if carried > len(own) else []), *_spelled(own)))


def typed(word: str, *, path: bool = False) -> str:
    """A word as a shell reads it back; what is not printable stands as an escape, as bash, zsh and ksh know it."""
    if path and word.startswith("-"):
        word = f"./{word}"
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{''.join(map(_escaped, _encoded(word)))}'"


def _spelled(options: list[Option]) -> list[str]:
    return [name if value is None else f"{name} {typed(value)}" for name, value in options]


def _encoded(word: str) -> bytes:
    """The bytes that the operating system gave; a word that never came from there as well as it can be written."""
    try:
        return word.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return word.encode("utf-8", "surrogatepass")


def _escaped(byte: int) -> str:
    plain = 0x20 <= byte < 0x7F and byte not in b"'\\"
    return chr(byte) if plain else f"\\x{byte:02x}"
