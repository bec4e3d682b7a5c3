"""The input contract (models/staging/*/_*__sources.yml) as the live sources need it."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Table:
    """One table of the contract: the fields to ask for, and those without which it is of no use."""

    source: str
    name: str
    schema: str
    columns: tuple[str, ...]
    required: bool
    needed: tuple[tuple[str, str], ...]  # field, what to do when it is missing

    @property
    def folder(self) -> str:
        return f"{self.source}/{self.name}"


def tables(project_dir: Path, source: str) -> list[Table]:
    """The tables of one source, in the order of the contract."""
    path = project_dir / "models" / "staging" / source / f"_{source}__sources.yml"
    entry = next(
        entry for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"] if entry["name"] == source
    )
    return [_table(entry, table) for table in entry["tables"]]


def _table(source: dict, table: dict) -> Table:
    landing = table["config"]["meta"]["landing"]
    return Table(
        source=source["name"],
        name=table["name"],
        schema=source["schema"],
        columns=tuple(column["name"] for column in table["columns"]),
        required=bool(landing.get("required")),
        needed=tuple((need["column"], need["hint"]) for need in landing.get("needs_ever", ())),
    )
