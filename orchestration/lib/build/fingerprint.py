"""Everything besides landed rows on which a build's result depends, part by part, each named in a user's words.

If something else can change results, add it here, or its changes go undetected.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from orchestration.lib import own_settings
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted

Manifest = Mapping[str, Any]

# Packages that affect results: another version may compute something else. Landing and publishing use DuckDB on every
# target.
ENGINES = {
    "duckdb": ("duckdb", "dbt-core", "dbt-duckdb"),
    "spark": ("duckdb", "dbt-core", "dbt-spark", "pyspark"),
    # No run of the project has this target yet; its tests on an emulator plan builds.
    "snowflake": ("duckdb", "dbt-core", "dbt-snowflake"),
}
PROJECT_VERSION = "the version of this project"
LISTED_CHANGES = 3


def fingerprint(settings: Settings, manifest: Manifest, variables: Mapping[str, Any]) -> dict[str, str]:
    """Name and value (or digest) of every part; `variables` are given in addition to dbt_project.yml.

    Data tests are not a part: a changed test changes no result. Neither are the signatures of the landed tables: if one
    changes, landing gives a new load id to the rows that are read differently now.
    """
    project = own_settings.read_project(settings)
    project.pop("vars", None)
    project.pop("data_tests", None)
    declared = {**own_settings.variables_in_effect(settings), **variables}
    parts = {f"variable {name}": json.dumps(value, default=str) for name, value in sorted(declared.items())}
    parts |= {engine: version(engine) for engine in ENGINES[settings.target]}
    parts[PROJECT_VERSION] = str(project.get("version"))
    parts["CALL_ATTRIBUTION_TARGET"] = settings.target
    if settings.target == "spark":
        parts["CALL_ATTRIBUTION_SPARK_FORMAT"] = settings.spark_format
        if settings.spark_format != "parquet":
            # Tables of a format name their files by the whole path.
            parts["the folder of Spark's tables"] = str(settings.spark_dir)
    parts["dbt_project.yml"] = digest(project)
    parts["profiles.yml"] = digest((settings.project_dir / "profiles.yml").read_text(encoding="utf-8"))
    texts = seed_texts(settings, manifest)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            parts[f"seed {node['name']}"] = digest([texts[node["name"]], node["config"]])
        elif node["resource_type"] == "model":
            parts[f"model {node['name']}"] = digest([node["checksum"], *_described(node)])
    for source in manifest["sources"].values():
        parts[f"the input contract of {source['source_name']}/{source['name']}"] = digest(_described(source))
    for macro in manifest["macros"].values():
        # Those of packages change with their versions, those below tests/ are tests.
        if macro["package_name"] == project["name"] and not macro["path"].startswith("tests/"):
            parts[f"macro {macro['name']}"] = digest(macro["macro_sql"])
    return parts


def seed_texts(settings: Settings, manifest: Manifest) -> dict[str, str]:
    """The text of every seed, from its file: dbt knows a large seed by its path only."""
    seeds = sorted(node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "seed")
    return {name: own_settings.seed_file(settings, name).read_text(encoding="utf-8") for name in seeds}


def _described(node: Mapping[str, Any]) -> list[Any]:
    # Not `primary_key`: dbt reads it off the tests.
    return [node["config"], node["description"], node["columns"]]


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The differences between two fingerprints, in words. Another version of the project explains all other
    differences."""
    if before.get(PROJECT_VERSION) != now[PROJECT_VERSION]:
        built_by = f"version {before[PROJECT_VERSION]}" if PROJECT_VERSION in before else "an earlier version"
        return f"{built_by} of this project built the warehouse, this is version {now[PROJECT_VERSION]}"
    packages = {package for packages in ENGINES.values() for package in packages}
    found = []
    for part in sorted(before.keys() | now.keys()):
        if part not in now:
            found.append(f"{part} was removed")
        elif part not in before:
            found.append(f"{part} is new")
        elif before[part] != now[part]:
            legible = part.startswith(("variable ", "CALL_ATTRIBUTION_")) or part in packages
            found.append(f"{part} is {now[part]}, it was {before[part]}" if legible else f"{part} changed")
    more = len(found) - LISTED_CHANGES
    return "; ".join(found[:LISTED_CHANGES] + ([f"and {counted(more, 'more change')}"] if more > 0 else []))
