"""Dagster's home, where it stores the record of all runs, and its user interface."""

import os
import shutil
import sys

from orchestration.lib.settings import PROJECT_DIR

CONFIGURATION = PROJECT_DIR / "orchestration" / "dagster.yaml"


def prepare() -> None:
    """Gives Dagster a home in the project, with telemetry off, unless the user has set one."""
    if os.environ.get("DAGSTER_HOME"):
        return
    home = PROJECT_DIR / ".dagster"
    home.mkdir(exist_ok=True)
    shutil.copyfile(CONFIGURATION, home / CONFIGURATION.name)
    os.environ["DAGSTER_HOME"] = str(home)


def serve() -> None:
    """Dagster's user interface, its schedules and its sensors, until stopped."""
    prepare()
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"])
