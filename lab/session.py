"""One run of the lab: a folder, a control plane, an organisation in it, and a clean end."""

from __future__ import annotations

import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lab import binaries, cast, namespace
from lab.client import Notebook
from lab.cluster import POLICIES, ControlPlane, Plan, remove
from lab.laboratory import Laboratory


@contextmanager
def session(plan: Plan, folder: Path | None = None, notebook: Notebook | None = None) -> Iterator[Laboratory]:
    """A running laboratory, furnished when there is a `notebook`; its folder is removed unless `folder` is given."""
    place = folder or Path(tempfile.mkdtemp(prefix="lab-"))
    try:
        with ControlPlane(place, plan) as plane:
            laboratory = Laboratory(plane, {name: token for token, name in _by_token(plan).items()})
            if notebook is not None:
                laboratory.furnish(notebook)
            yield laboratory
    finally:
        if folder is None:
            remove(place)


def make_plan(version: str, policy: str | Path) -> Plan:
    """The usual plan for a version and a policy (a name of ours, or a file)."""
    tokens = {secrets.token_hex(16): value for value in cast.STATIC_TOKENS.values()}
    path = policy if isinstance(policy, Path) else POLICIES / f"{policy}.yaml"
    return Plan(binaries.find(version), path, version, tokens=tokens)


def hold(version: str, policy: str, folder: Path | None) -> int:
    """Keep a laboratory running until it is told to end."""
    end = stop_on_signals()
    with session(make_plan(version, policy), folder, notebook=lambda _id: None) as lab:
        pair = lab.admin.pair
        assert pair is not None
        config = lab.plane.kubeconfig(
            "admin", {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
        )
        print(f"kubeconfig: {config}\naudit log:  {lab.plane.audit_folder}\nend with Ctrl-C", flush=True)
        end.wait()
    return 0


def stop_on_signals() -> threading.Event:
    """An event that the usual signals set, or the end of the process outside; a second signal ends at once."""
    end = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        if end.is_set():
            raise SystemExit(128 + number)
        end.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)

    def watch() -> None:
        namespace.wait_for_end()
        end.set()

    threading.Thread(target=watch, daemon=True).start()
    return end


def _by_token(plan: Plan) -> dict[str, str]:
    names = {value: name for name, value in cast.STATIC_TOKENS.items()}
    return {token: names[value] for token, value in plan.tokens.items() if value in names}


def copy_logs(plane: ControlPlane, target: Path) -> None:
    """Join the files of the audit log, oldest first, and take over what the webhook received."""
    with (target / "audit.log").open("wb") as joined:
        for path in plane.logs():
            with path.open("rb") as part:
                shutil.copyfileobj(part, joined)
    shutil.copyfile(plane.webhook_path, target / "webhook.jsonl")
