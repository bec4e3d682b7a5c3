"""Dagster's home, where it stores the record of all runs, and its user interface."""

import os
import shutil
from pathlib import Path

from orchestration.lib.errors import UserError
from orchestration.lib.files import restrict
from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import services

CONFIGURATION = PROJECT_DIR / "orchestration" / "dagster.yaml"


def prepare() -> None:
    """Gives Dagster a home in the project, with telemetry off, unless the user has set one."""
    if chosen := os.environ.get("DAGSTER_HOME"):
        if not Path(chosen).is_dir():
            raise UserError(f"DAGSTER_HOME is {chosen!r}, which is not a folder. Create it, or unset DAGSTER_HOME.")
        return
    home = PROJECT_DIR / ".dagster"
    home.mkdir(exist_ok=True)
    restrict([home])
    shutil.copyfile(CONFIGURATION, home / CONFIGURATION.name)
    os.environ["DAGSTER_HOME"] = str(home)


def serve() -> None:
    """Dagster's user interface, its schedules and its sensors, until stopped."""
    prepare()
    print(
        "Dagster starts, and its schedules are on: a build starts within a minute if the landing folder has files, then"
        " every hour and when files arrive. The address follows. Stop with Ctrl-C.",
        flush=True,
    )
    services.serve()
