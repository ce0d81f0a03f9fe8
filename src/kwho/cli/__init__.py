"""The command line: one file per command, loaded when it is called.

The root knows only the names and one line of help of each command, so that `kwho --version` starts like a bare click.
"""

import gc
import os
import shlex
import sys
import traceback
from typing import Final

import click

from kwho import __version__
from kwho.cli.codes import INTERNAL, INTERRUPTED
from kwho.cli.interrupt import INTERRUPTS

COMMANDS: Final = {
    "scan": "Read audit logs and rank what matters.",
    "story": "Tell one incident in full.",
    "search": "Print the events that match a query.",
    "convert": "Write audit logs of any form as events of another.",
    "config": "Check the files that tell kwho about your site.",
    "rules": "List, show, check and test the rules.",
    "demo": "Generate a log with planted attacks and scan it.",
}
"""Name and one line of help; the module of the same name holds the command as `command`."""

PATIENT: Final = frozenset({"scan"})
"""Commands that themselves say when an interrupt may end them."""


class Lazy(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = __import__(f"kwho.cli.{cmd_name}", fromlist=["command"])
        command: click.Command = module.command
        if cmd_name not in PATIENT and INTERRUPTS.release():
            raise KeyboardInterrupt
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; a word that is none gets a suggestion that fits: a command like it, or `scan` for a file."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            import difflib  # noqa: PLC0415  only a mistake needs it

            close = difflib.get_close_matches(word, COMMANDS, 1)
            meant = f"{close[0]} …" if close else "scan PATH"
            if os.path.lexists(word):
                meant = f"scan {shlex.quote(word)}" if word.isprintable() else "scan PATH"
            ctx.fail(f"no command {word!a}; did you mean `kwho {meant}`?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that closes the pipe early (`| head`) has all it wants."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _discard_output()
            return ctx.exit(0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help for the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", "-V", message="kwho %(version)s")
def root() -> None:
    """Read Kubernetes audit logs: who did what, what is unusual, and whether the log can be believed.

    \b
    kwho demo                                    see what it finds in a generated log
    kwho scan /var/log/kubernetes/audit/         scan files, directories, compressed files
    kwho scan audit.log.gz --out html=report.html
    kwho search 'verb:delete -user:system:*' audit.log
    """


def run() -> None:
    """Run the command line and exit with a documented code."""
    INTERRUPTS.hold()
    try:
        sys.exit(root.main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code if isinstance(error, click.UsageError) else INTERNAL)
    except (click.Abort, KeyboardInterrupt):
        click.echo("kwho was interrupted; what it printed is not complete", err=True)
        sys.exit(INTERRUPTED)
    except OSError as error:  # a full disk, no place for the spill: nothing of ours is broken
        _discard_output()
        where = f"{error.filename!a}: " if error.filename else ""
        click.echo(f"kwho stopped: {where}{error.strerror or error}; what it printed is not complete", err=True)
        sys.exit(INTERNAL)
    except Exception:  # noqa: BLE001  commands are an open set, and this is where a member is called
        traceback.print_exc()
        click.echo(f"kwho {__version__} stopped at an error of its own; nothing it printed is complete", err=True)
        sys.exit(INTERNAL)
    finally:
        INTERRUPTS.ignore()
        gc.freeze()  # else Python looks through all that a scan has made once more, only to throw it away


def _discard_output() -> None:
    """What is still buffered goes nowhere, so that leaving does not fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
