"""Dagster's home, where it stores the record of all runs, and its user interface."""

import os
import shutil
import stat
from pathlib import Path

import dagster as dg

from orchestration.lib import lock
from orchestration.lib.errors import UserError
from orchestration.lib.files import restrict
from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import services

CONFIGURATION = PROJECT_DIR / "orchestration" / "dagster.yaml"
# What Dagster writes into its home; a user's own files beside it keep their modes.
DAGSTERS = (CONFIGURATION.name, "history", "schedules", "storage", "logs")

ROOT = 0


def prepare() -> None:
    """Gives Dagster a home that only this user can open: in the project, with telemetry off, or the one that is set."""
    chosen = os.environ.get("DAGSTER_HOME")
    home = Path(chosen).resolve() if chosen else PROJECT_DIR / ".dagster"
    if chosen and not home.is_dir():
        raise UserError(f"DAGSTER_HOME is {chosen!r}, which is not a folder. Create it, or unset DAGSTER_HOME.")
    if chosen:
        _check_owner(home)
    with lock.exclusive(home / ".lock", "another run"):
        if home.stat().st_mode & 0o077:
            # The home comes last: its mode shows that everything in it is closed.
            own = [home / name for name in DAGSTERS if not (home / name).is_symlink()]
            restrict([path for one in own for path in (one, *one.rglob("*"))])
            restrict([home])
        if not chosen or not (home / CONFIGURATION.name).exists():
            shutil.copyfile(CONFIGURATION, home / CONFIGURATION.name)
        os.environ["DAGSTER_HOME"] = str(home)
        # Dagster makes its tables without a lock: the first runs of two environments failed if they started at once.
        dg.DagsterInstance.get().dispose()


def _check_owner(home: Path) -> None:
    """Dagster runs what its configuration names, so only this user and root may be able to change it."""
    for path in (home, home / CONFIGURATION.name):
        if path.exists() and path.stat().st_uid not in (os.geteuid(), ROOT):
            raise UserError(
                f"DAGSTER_HOME: {path} belongs to another user, who could change what Dagster runs. Use a folder of"
                " your own, or change its owner."
            )
    if home.stat().st_mode & stat.S_ISVTX:
        raise UserError(f"DAGSTER_HOME is {home}, a folder that users share. Create a folder in it, and use that.")


def become(service: str, *options: str) -> None:
    """Replaces this process by one of Dagster's, which inherits the umask."""
    prepare()
    program, *arguments = services.COMMANDS[service]
    os.chdir(PROJECT_DIR)
    os.execv(program, [program, *arguments, *options])


def serve() -> None:
    """Dagster's user interface, its schedules and its sensors, until stopped."""
    prepare()
    print(
        "Dagster starts, and its schedules are on: a build starts within a minute if the landing folder has files, then"
        " every hour and when files arrive. The address, with a token, follows. Stop with Ctrl-C.",
        flush=True,
    )
    services.serve()
