"""A network, host name and process namespace of the lab's own, so that nothing leaves the machine or stays on it.

Inside, the loopback interface owns whole address ranges: a client becomes "from outside" by binding to an address.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType
from typing import Final

HOST: Final = "cp-1"
CONTROL_PLANE: Final = "10.0.0.10"
NODES: Final = tuple(f"10.0.0.{10 + number}" for number in range(1, 9))
RANGES: Final = ("10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
_MARK: Final = "KWHO_LAB_INSIDE"


def usable() -> bool:
    """True when this machine lets us make the namespaces (root, or user namespaces)."""
    if inside():
        return True
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run([*_unshare(), "true"], capture_output=True, check=False).returncode == 0


def inside() -> bool:
    """True when this process already runs in the lab's namespaces."""
    return _MARK in os.environ


def enter(arguments: list[str]) -> None:
    """Run `python -m lab ARGUMENTS` inside fresh namespaces and exit with its code; returns only when already inside.

    Every process of the lab is a child of the new process namespace: when it ends, however it ends, all end with it.
    """
    if inside():
        _prepare()
        return
    command = [*_unshare(), sys.executable, "-m", "lab", *arguments]
    inner, outer = os.pipe()  # what is inside ends when our end of the pipe closes, also when we are killed
    process = subprocess.Popen(command, env=os.environ | {_MARK: str(inner)}, pass_fds=(inner,))
    os.close(inner)

    def end(_number: int, _frame: FrameType | None) -> None:
        with suppress(OSError):  # a second signal finds it closed
            os.close(outer)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    sys.exit(process.wait())


def wait_for_end() -> None:
    """Return when the process outside wants us to end, or is gone."""
    os.read(int(os.environ[_MARK]), 1)


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--uts", "--pid", "--fork", "--kill-child=TERM", "--mount-proc"]


def _prepare() -> None:
    # The host name shows in leases and events: it must be the lab's, not the machine's.
    subprocess.run(["hostname", HOST], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (CONTROL_PLANE, *NODES):  # a kubelet looks for its address among the interfaces
        subprocess.run(["ip", "address", "replace", f"{address}/32", "dev", "lo"], check=True)
    for block in RANGES:
        subprocess.run(["ip", "route", "replace", "local", block, "dev", "lo"], check=True)
