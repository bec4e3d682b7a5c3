"""The settings: where a run reads and writes, and with which engine and limits. They come from the environment and are
checked first."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from orchestration.lib.errors import PROJECT_DIR, UserError

# DuckDB names a database after its file. A file named like a schema in it, or like the attached marts, makes
# every two-part name ambiguous.
BUILT_SCHEMAS = frozenset({"main", "marts", "staging", "intermediate", "feeds", "seeds"})
SOURCES = ("web", "salesforce", "calls", "spend")
SCHEMAS = (BUILT_SCHEMAS - {"marts"}) | {
    "landing",
    "affected",
    *(f"{kind}_{name}" for kind in ("raw", "input") for name in SOURCES),
}
RESERVED_NAMES = SCHEMAS | {"temp", "system", "information_schema", "pg_catalog"}

# The engines that build the models, each an output of profiles.yml. Landing and the published file are always DuckDB's.
TARGETS = ("duckdb", "spark")
# Who may read the published file: its owner, also its group, or everybody. Nobody may write to it.
MARTS_MODES = ("0400", "0440", "0444")
# The formats of Spark's tables. All but the first need a library that is not part of Spark.
SPARK_FORMATS = ("parquet", "iceberg")


class SettingsError(UserError):
    """A setting has a value that is not allowed; the message contains the name, the value and the allowed values."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}. Allowed: {allowed}.")


@dataclass(frozen=True)
class LiveLimits:
    """The limits of one live source. A source that exceeds a limit ends with an error; the others continue."""

    # Longest wait that a source may request. Providers' rate limits are per second, minute or hour.
    wait_seconds: int = 600
    # One request with its whole answer: 100,000 Tasks are about 100 MB.
    request_seconds: int = 900
    # Longer than the longest query job, which Salesforce ends after two and a half hours.
    run_seconds: int = 6 * 3600
    # Answers that are read into memory. 4,000 calls of Invoca are about 10 MB.
    answer_bytes: int = 64 * 10**6
    # Pages of a query job, which go to disk.
    file_bytes: int = 4 * 10**9
    pages: int = 9999

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "LiveLimits":
        return cls(
            **_given(
                environ,
                wait_seconds=("CALL_ATTRIBUTION_LIVE_WAIT_SECONDS", partial(_count, digits=6)),
                request_seconds=("CALL_ATTRIBUTION_LIVE_REQUEST_SECONDS", partial(_count, digits=6)),
                run_seconds=("CALL_ATTRIBUTION_LIVE_RUN_SECONDS", partial(_count, digits=6)),
                answer_bytes=("CALL_ATTRIBUTION_LIVE_ANSWER_SIZE", _bytes),
                file_bytes=("CALL_ATTRIBUTION_LIVE_FILE_SIZE", _bytes),
                pages=("CALL_ATTRIBUTION_LIVE_PAGES", _count),
            )
        )


@dataclass(frozen=True)
class LandingLimits:
    """The limits of one file, because a small compressed file can contain more than any disk can hold."""

    # Decompressed.
    file_bytes: int = 20 * 10**9
    # A Description of Salesforce has 32,000 characters, a whole email perhaps some megabytes.
    record_bytes: int = 32 * 10**6
    # Salesforce allows 800 custom fields per object.
    columns: int = 2000
    # 20 GB with 200 bytes each. Lines of two bytes take four to ten minutes of one core.
    lines: int = 10**8
    # The whole text of a quarantined record is kept. That many mean a wrong export.
    quarantined: int = 10**6

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "LandingLimits":
        return cls(
            **_given(
                environ,
                file_bytes=("CALL_ATTRIBUTION_MAX_FILE_SIZE", _bytes),
                record_bytes=("CALL_ATTRIBUTION_MAX_RECORD_SIZE", _bytes),
                columns=("CALL_ATTRIBUTION_MAX_COLUMNS", _count),
                lines=("CALL_ATTRIBUTION_MAX_LINES", partial(_count, digits=10)),
                quarantined=("CALL_ATTRIBUTION_MAX_QUARANTINED", partial(_count, digits=10)),
            )
        )


LIMITS_AS_SHIPPED = LandingLimits()


@dataclass(frozen=True)
class Settings:
    """All settings of a run. Python has the defaults only here; profiles.yml repeats some for plain dbt."""

    landing_dir: Path
    warehouse: Path
    marts: Path
    memory_limit: str = "8GB"
    keep_versions: int = 5
    marts_mode: int = 0o400
    landing_links: tuple[Path, ...] = ()
    target: str = "duckdb"
    spark_format: str = "parquet"
    live: LiveLimits = LiveLimits()
    landing: LandingLimits = LIMITS_AS_SHIPPED
    config_dir: Path | None = None
    # What the report page shows: whose data these are, and where their records open.
    company_name: str = ""
    salesforce_base_url: str = ""
    project_dir: Path = PROJECT_DIR

    @staticmethod
    @cache
    def current() -> "Settings":
        """The settings of this process: the environment is read once, so all parts of a run agree."""
        return Settings.from_environment()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the CALL_ATTRIBUTION_* variables and KEEP_VERSIONS; one that is empty counts as not set."""
        given = _given(
            environ,
            landing_dir=("CALL_ATTRIBUTION_LANDING_DIR", _path, "data/landing"),
            warehouse=("CALL_ATTRIBUTION_WAREHOUSE", _warehouse, "data/warehouse.duckdb"),
            marts=("CALL_ATTRIBUTION_MARTS", _database, "data/published/marts.duckdb"),
            memory_limit=("CALL_ATTRIBUTION_MEMORY_LIMIT", _memory),
            keep_versions=("KEEP_VERSIONS", _count),
            marts_mode=("CALL_ATTRIBUTION_MARTS_MODE", _mode),
            landing_links=("CALL_ATTRIBUTION_LANDING_LINKS", _paths),
            target=("CALL_ATTRIBUTION_TARGET", partial(_one_of, allowed=TARGETS)),
            spark_format=("CALL_ATTRIBUTION_SPARK_FORMAT", partial(_one_of, allowed=SPARK_FORMATS)),
            config_dir=("CALL_ATTRIBUTION_CONFIG_DIR", _path),
            company_name=("CALL_ATTRIBUTION_COMPANY_NAME", _line),
            salesforce_base_url=("CALL_ATTRIBUTION_SALESFORCE_BASE_URL", _address),
        )
        return cls(
            **given,
            live=LiveLimits.from_environment(environ),
            landing=LandingLimits.from_environment(environ),
        )

    @property
    def duckdb_memory(self) -> str:
        """DuckDB's part of the memory limit."""
        return duckdb_memory(self.memory_limit)

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes."""
        return _bytes("CALL_ATTRIBUTION_MEMORY_LIMIT", self.memory_limit)

    @property
    def marts_build(self) -> Path:
        """The file in which dbt builds the marts; publishing copies it."""
        return Path(f"{self.warehouse}.marts")

    @property
    def rebuild_dir(self) -> Path:
        """The folder in which previews and replays are built."""
        return Path(f"{self.warehouse}.rebuild")

    @property
    def spark_dir(self) -> Path:
        """The folder in which Spark reads and writes: landed tables as Parquet, its own tables, and spilled data."""
        return Path(f"{self.warehouse}.spark")

    @property
    def spark_finished_dir(self) -> Path:
        """Spark's tables as the last finished build left them."""
        return self.spark_dir / "finished"

    @property
    def parquet_build(self) -> Path | None:
        """The marts as Parquet, one folder each, if the engine writes them; publishing copies them beside the file."""
        return self.spark_dir / "marts" if self.target == "spark" else None

    @property
    def writer_lock(self) -> Path:
        """Only the process that holds this lock writes to the warehouse."""
        return self.warehouse.with_name(f".{self.warehouse.name}.lock")

    @property
    def extraction_lock(self) -> Path:
        """Only the process that holds this lock extracts into the landing folder."""
        return self.landing_dir / ".extraction.lock"

    @property
    def private_paths(self) -> tuple[Path, ...]:
        """The paths that only this user may open: everything with personal data outside the landing and published
        folders."""
        beside = ("", ".wal", ".marts", ".marts.wal", ".marts.audited", ".spill", ".spark", ".rebuild")
        files = (self.warehouse.with_name(f"{self.warehouse.name}{suffix}") for suffix in beside)
        return (*files, self.writer_lock, self.target_dir)

    @property
    def target_dir(self) -> Path:
        """The folder for dbt's artifacts (manifest, parse cache): one per engine and table format, the same every run.

        One manifest cannot serve two formats, because the format is in the configuration of every model.
        """
        folder = self.project_dir / "target"
        if self.target == "duckdb":
            return folder
        return folder / (self.target if self.spark_format == "parquet" else f"{self.target}-{self.spark_format}")

    def environment(self) -> dict[str, str]:
        """The variables that give a child process these settings, absolute: its current folder does not matter."""
        return {
            "CALL_ATTRIBUTION_LANDING_DIR": str(self.landing_dir),
            "CALL_ATTRIBUTION_WAREHOUSE": str(self.warehouse),
            "CALL_ATTRIBUTION_MARTS": str(self.marts),
            "CALL_ATTRIBUTION_MEMORY_LIMIT": self.memory_limit,
            "CALL_ATTRIBUTION_DUCKDB_MEMORY": self.duckdb_memory,
            "KEEP_VERSIONS": str(self.keep_versions),
            "CALL_ATTRIBUTION_MARTS_MODE": f"{self.marts_mode:04o}",
            "CALL_ATTRIBUTION_LANDING_LINKS": ":".join(str(folder) for folder in self.landing_links),
            "CALL_ATTRIBUTION_TARGET": self.target,
            "CALL_ATTRIBUTION_SPARK_FORMAT": self.spark_format,
            **({"CALL_ATTRIBUTION_CONFIG_DIR": str(self.config_dir)} if self.config_dir else {}),
        }


def _given(
    environ: Mapping[str, str], **settings: tuple[str, Callable[[str, str], Any], *tuple[str, ...]]
) -> dict[str, Any]:
    """The settings that are set, by field. Each comes with its name, with what reads its value, and perhaps with a
    value that is read if it is not set. Otherwise the field keeps its default."""
    found = {}
    for field, (name, read, *default) in settings.items():
        if value := environ.get(name, "").strip() or "".join(default):
            found[field] = read(name, value)
    return found


def _path(name: str, value: str) -> Path:
    # The path ends up in ATTACH statements that dbt writes, and a URL would be taken for a folder. DuckDB takes what
    # follows a question mark for options, and dbt splits statements at semicolons.
    if "://" in value or any(character in value for character in "'\"?;\n\0"):
        raise SettingsError(name, value, "a path on this machine without quotes in it, question marks and semicolons")
    try:
        return (PROJECT_DIR / Path(value).expanduser()).absolute()
    except RuntimeError as error:  # ~name of nobody
        raise SettingsError(name, value, "a path on this machine; there is no such user") from error


def _paths(name: str, value: str) -> tuple[Path, ...]:
    return tuple(_path(name, folder) for folder in value.split(":") if folder)


def _warehouse(name: str, value: str) -> Path:
    return _database(name, value, RESERVED_NAMES | {"marts"})


def _database(name: str, value: str, reserved: frozenset[str] | set[str] = RESERVED_NAMES) -> Path:
    path = _path(name, value)
    # Versions and partial files have longer names, and 255 bytes is the limit.
    if len(os.fsencode(path.name)) > 150:
        raise SettingsError(name, value, "a file name of at most 150 bytes")
    if path.is_dir():
        raise SettingsError(name, value, "the path of a file; this is a folder")
    if path.stem.lower() in reserved or path.name.startswith("."):
        raise SettingsError(name, value, f"a file name other than {', '.join(sorted(reserved))}")
    return path


def _memory(name: str, value: str) -> str:
    if not re.fullmatch(r"(?=.*[1-9])\d{1,9}(\.\d{1,9})?\s*([KMGT]i?)B", value, re.IGNORECASE):
        raise SettingsError(name, value, "a size such as 8GB, 512MB or 6GiB")
    return value


def duckdb_memory(memory_limit: str) -> str:
    """Seven eighths of a process's memory. The rest is for Python, dbt and what DuckDB does not count.

    With the whole limit of 8 GB for DuckDB, the process took 8.8 GB at 10 million sessions; of 7 GB, 7.9 at 30 million.
    """
    return f"{_bytes('CALL_ATTRIBUTION_MEMORY_LIMIT', memory_limit) * 7 // 8}B"


def _bytes(name: str, value: str) -> int:
    parts = re.fullmatch(r"([\d.]+)\s*([KMGT])(i?)B", _memory(name, value), re.IGNORECASE)
    assert parts is not None
    return int(float(parts[1]) * (1024 if parts[3] else 1000) ** (1 + "KMGT".index(parts[2].upper())))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingsError(name, value, " or ".join(allowed))
    return value


def _mode(name: str, value: str) -> int:
    return int(_one_of(name, value, MARTS_MODES), base=8)


def _count(name: str, value: str, digits: int = 4) -> int:
    if not re.fullmatch(rf"[1-9][0-9]{{0,{digits - 1}}}", value):
        raise SettingsError(name, value, f"a whole number from 1 to {'9' * digits}")
    return int(value)


def _line(name: str, value: str) -> str:
    if len(value) > 100 or not value.isprintable():
        raise SettingsError(name, value, "a line of at most 100 characters")
    return value


def _address(name: str, value: str) -> str:
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?/?", value):
        raise SettingsError(name, value, "the address of your Salesforce, such as https://example.my.salesforce.com")
    return value.rstrip("/")
