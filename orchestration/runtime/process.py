"""What a Dagster process reads once, when it starts: the settings and the parsed dbt project."""

from orchestration.lib.build import dbt
from orchestration.lib.settings import Settings

SETTINGS = Settings.current()
MANIFEST = dbt.read_manifest(SETTINGS)
