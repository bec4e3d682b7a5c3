"""Where a run reads and writes: the settings, from the environment, checked before anything starts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.errors import UserError

PROJECT_DIR = Path(__file__).resolve().parents[2]

# DuckDB names a database after its file. A file named like a schema in it, or like the attached marts, makes
# every two-part name ambiguous.
BUILT_SCHEMAS = frozenset({"main", "marts", "staging", "intermediate", "feeds", "seeds"})
SOURCES = ("web", "salesforce", "calls")
SCHEMAS = (BUILT_SCHEMAS - {"marts"}) | {
    "landing",
    "affected",
    *(f"{kind}_{name}" for kind in ("raw", "input") for name in SOURCES),
}
RESERVED_NAMES = SCHEMAS | {"temp", "system", "information_schema", "pg_catalog"}

# The engines that build the models, each an output of profiles.yml. Landing and the published file are always DuckDB's.
TARGETS = ("duckdb", "spark")
# The table formats on Spark. Iceberg needs a library that Spark does not include.
SPARK_FORMATS = ("parquet", "iceberg")


class SettingsError(UserError):
    """A setting has a value that cannot work; the message says which and what is allowed."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}. Allowed: {allowed}.")


@dataclass(frozen=True)
class Settings:
    """Everything that a run needs to know about its surroundings."""

    landing_dir: Path
    warehouse: Path
    marts: Path
    memory_limit: str = "8GB"
    keep_versions: int = 5
    target: str = "duckdb"
    spark_format: str = "parquet"
    spark_buckets: int = 4
    project_dir: Path = PROJECT_DIR

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the CALL_ATTRIBUTION_* variables and KEEP_VERSIONS; one that is empty counts as not set."""

        def setting(name: str, default: str) -> str:
            return environ.get(name, "").strip() or default

        return cls(
            landing_dir=_path(
                "CALL_ATTRIBUTION_LANDING_DIR",
                setting("CALL_ATTRIBUTION_LANDING_DIR", "data/landing"),
            ),
            warehouse=_database(
                "CALL_ATTRIBUTION_WAREHOUSE",
                setting("CALL_ATTRIBUTION_WAREHOUSE", "data/warehouse.duckdb"),
                RESERVED_NAMES | {"marts"},
            ),
            marts=_database(
                "CALL_ATTRIBUTION_MARTS",
                setting("CALL_ATTRIBUTION_MARTS", "data/published/marts.duckdb"),
                RESERVED_NAMES,
            ),
            memory_limit=_memory(
                "CALL_ATTRIBUTION_MEMORY_LIMIT",
                setting("CALL_ATTRIBUTION_MEMORY_LIMIT", "8GB"),
            ),
            keep_versions=_count("KEEP_VERSIONS", setting("KEEP_VERSIONS", "5")),
            target=_one_of(TARGETS, "CALL_ATTRIBUTION_TARGET", setting("CALL_ATTRIBUTION_TARGET", "duckdb")),
            spark_format=_one_of(
                SPARK_FORMATS,
                "CALL_ATTRIBUTION_SPARK_FORMAT",
                setting("CALL_ATTRIBUTION_SPARK_FORMAT", "parquet"),
            ),
            spark_buckets=_count(
                "CALL_ATTRIBUTION_SPARK_BUCKETS",
                setting("CALL_ATTRIBUTION_SPARK_BUCKETS", "4"),
            ),
        )

    @property
    def marts_build(self) -> Path:
        """The file that dbt builds the marts into; publishing copies it."""
        return Path(f"{self.warehouse}.marts")

    @property
    def spark_dir(self) -> Path:
        """What Spark reads and writes: landed tables as Parquet, its own tables, what does not fit into memory."""
        return Path(f"{self.warehouse}.spark")

    @property
    def spark_finished_dir(self) -> Path:
        """Spark's tables as the last finished build left them."""
        return self.spark_dir / "finished"

    @property
    def parquet_build(self) -> Path | None:
        """The marts as Parquet, a folder each, where the engine builds such; publishing copies them beside the file."""
        return self.spark_dir / "marts" if self.target == "spark" else None

    @property
    def writer_lock(self) -> Path:
        """Whoever holds this file writes to the warehouse; nobody else does."""
        return self.warehouse.with_name(f".{self.warehouse.name}.lock")

    @property
    def target_dir(self) -> Path:
        """What dbt writes beside its result (compiled SQL, manifest, log): a folder an engine, the same every run.

        And one a format, which stands in the configuration of every model: a manifest is of one of them.
        """
        folder = self.project_dir / "target"
        if self.target == "duckdb":
            return folder
        return folder / (self.target if self.spark_format == "parquet" else f"{self.target}-{self.spark_format}")

    def environment(self) -> dict[str, str]:
        """The variables that profiles.yml reads, absolute, so that the current folder does not matter."""
        return {
            "CALL_ATTRIBUTION_LANDING_DIR": str(self.landing_dir),
            "CALL_ATTRIBUTION_WAREHOUSE": str(self.warehouse),
            "CALL_ATTRIBUTION_MARTS": str(self.marts),
            "CALL_ATTRIBUTION_MEMORY_LIMIT": self.memory_limit,
            "KEEP_VERSIONS": str(self.keep_versions),
            "CALL_ATTRIBUTION_TARGET": self.target,
            "CALL_ATTRIBUTION_SPARK_FORMAT": self.spark_format,
            "CALL_ATTRIBUTION_SPARK_BUCKETS": str(self.spark_buckets),
        }


def _path(name: str, value: str) -> Path:
    # The path ends up in ATTACH statements that dbt writes, and a URL would be taken for a folder.
    if "://" in value or any(character in value for character in "'\"\n\0"):
        raise SettingsError(name, value, "a path on this machine without quotes in it")
    return (PROJECT_DIR / Path(value).expanduser()).absolute()


def _database(name: str, value: str, reserved: frozenset[str] | set[str]) -> Path:
    path = _path(name, value)
    if path.is_dir():
        raise SettingsError(name, value, "the path of a file; this is a folder")
    if path.stem.lower() in reserved or path.name.startswith("."):
        raise SettingsError(name, value, f"a file name other than {', '.join(sorted(reserved))}")
    return path


def _memory(name: str, value: str) -> str:
    if not re.fullmatch(r"(?=.*[1-9])\d+(\.\d+)?\s*([KMGT]i?)B", value, re.IGNORECASE):
        raise SettingsError(name, value, "a size such as 8GB, 512MB or 6GiB")
    return value


def _one_of(allowed: tuple[str, ...], name: str, value: str) -> str:
    if value not in allowed:
        raise SettingsError(name, value, " or ".join(allowed))
    return value


def _count(name: str, value: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", value):
        raise SettingsError(name, value, "a whole number from 1 to 9999")
    return int(value)
