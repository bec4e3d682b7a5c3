"""Dagster's web interface and its daemon as children of this process, until it is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR

SECONDS_TO_STOP = 15
CODE = ("-m", "orchestration.definitions")
COMMANDS: dict[str, Sequence[str]] = {
    "web interface": (sys.executable, "-m", "orchestration.runtime.webserver", *CODE),
    "daemon": (str(Path(sys.executable).with_name("dagster-daemon")), "run", *CODE),
}


def serve(commands: dict[str, Sequence[str]] = COMMANDS) -> None:
    """Runs until Ctrl-C or SIGTERM, then ends everything that it started. It also ends if one of its children ends.

    Not `dagster dev`: it is deprecated, cannot put a guard before the web interface, and in a script's background job,
    which starts with SIGINT ignored, it does not end.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # In a session of its own: Ctrl-C reaches this process only, which then stops the children in order.
            children[name] = subprocess.Popen(
                command, cwd=PROJECT_DIR, start_new_session=True, preexec_fn=_notice_signals
            )
        while all(child.poll() is None for child in children.values()):
            time.sleep(0.5)
        ended = next(name for name, child in children.items() if child.poll() is not None)
        raise UserError(f"Dagster's {ended} ended with code {children[ended].returncode}. Its last lines are above.")
    except KeyboardInterrupt:
        print("Stopping Dagster", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _end(list(children.values()))


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _notice_signals() -> None:
    """A shell starts background jobs with SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for child in children:
            # The whole session: a run, and the processes that load the project's definitions.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, number)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < deadline and any(_is_running(child) for child in children):
            time.sleep(0.1)


def _is_running(child: subprocess.Popen[bytes]) -> bool:
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
