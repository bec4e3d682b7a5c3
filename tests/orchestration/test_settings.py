"""Settings: defaults, and wrong values, which stop at once with the allowed values."""

from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR, Settings, SettingsError


def test_defaults_lie_in_the_project() -> None:
    settings = Settings.from_environment({})
    assert settings.landing_dir == PROJECT_DIR / "data" / "landing"
    assert settings.warehouse == PROJECT_DIR / "data" / "warehouse.duckdb"
    assert settings.marts_build == PROJECT_DIR / "data" / "warehouse.duckdb.marts"
    assert settings.marts == PROJECT_DIR / "data" / "published" / "marts.duckdb"
    assert (settings.memory_limit, settings.keep_versions) == ("8GB", 5)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment({"KEEP_VERSIONS": " ", "CALL_ATTRIBUTION_MARTS": ""}) == Settings.from_environment(
        {}
    )


@pytest.mark.parametrize(
    ("limit", "part"), [("8GB", 7_000_000_000), ("2 GiB", 1_879_048_192), ("1.6gb", 1_400_000_000)]
)
def test_duckdb_gets_seven_eighths_of_the_memory(limit: str, part: int) -> None:
    settings = Settings.from_environment({"CALL_ATTRIBUTION_MEMORY_LIMIT": limit})
    assert settings.environment()["CALL_ATTRIBUTION_DUCKDB_MEMORY"] == f"{part}B"


def test_paths_are_absolute_and_may_hold_spaces(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CALL_ATTRIBUTION_WAREHOUSE": str(tmp_path / "a b" / "calls.duckdb")})
    assert settings.warehouse == tmp_path / "a b" / "calls.duckdb"
    assert all(
        Path(path).is_absolute()
        for name, path in settings.environment().items()
        if not name.endswith(("LIMIT", "MEMORY", "VERSIONS", "MODE", "LINKS", "TARGET", "FORMAT"))
    )


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("KEEP_VERSIONS", "0", "whole number from 1"),
        ("KEEP_VERSIONS", "-1", "whole number from 1"),
        ("KEEP_VERSIONS", "five", "whole number from 1"),
        ("CALL_ATTRIBUTION_WAREHOUSE", "a?b=c.duckdb", "question marks"),
        ("CALL_ATTRIBUTION_MARTS", "a;b.duckdb", "semicolons"),
        ("CALL_ATTRIBUTION_WAREHOUSE", "~nosuchuser/w.duckdb", "no such user"),
        ("CALL_ATTRIBUTION_WAREHOUSE", f"{'w' * 245}.duckdb", "at most 150 bytes"),
        ("CALL_ATTRIBUTION_MARTS_MODE", "0600", "0400 or 0440 or 0444"),
        ("CALL_ATTRIBUTION_MARTS_MODE", "rw", "0400 or 0440 or 0444"),
        ("CALL_ATTRIBUTION_LANDING_LINKS", "/it's", "a path on this machine"),
        ("CALL_ATTRIBUTION_TARGET", "postgres", "duckdb or spark"),
        ("CALL_ATTRIBUTION_SPARK_FORMAT", "orc", "parquet or iceberg"),
        ("CALL_ATTRIBUTION_MEMORY_LIMIT", "8", "8GB"),
        ("CALL_ATTRIBUTION_MAX_LINES", "0", "a whole number from 1 to 9999999999"),
        ("CALL_ATTRIBUTION_MAX_QUARANTINED", "1e6", "a whole number from 1 to 9999999999"),
        ("CALL_ATTRIBUTION_MEMORY_LIMIT", "0GB", "8GB"),
        ("CALL_ATTRIBUTION_MEMORY_LIMIT", "lots", "8GB"),
        ("CALL_ATTRIBUTION_LANDING_DIR", "s3://bucket/landing", "a path on this machine"),
        ("CALL_ATTRIBUTION_WAREHOUSE", "it's.duckdb", "a path on this machine"),
        ("CALL_ATTRIBUTION_WAREHOUSE", "staging.duckdb", "a file name other than"),
        ("CALL_ATTRIBUTION_WAREHOUSE", "marts.duckdb", "a file name other than"),
        ("CALL_ATTRIBUTION_MARTS", "main.duckdb", "a file name other than"),
        ("CALL_ATTRIBUTION_MARTS", str(PROJECT_DIR), "the path of a file"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({name: value})
    assert name in str(error.value)
    assert value in str(error.value) or repr(value) in str(error.value)
    assert allowed in str(error.value)
