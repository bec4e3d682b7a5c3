"""A plain reading of a landing folder: the newest version of every row, as inputs.md words it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import duckdb

OLDEST = datetime.min.replace(tzinfo=UTC)


class Warehouse:
    """A warehouse with what the live sources read of it: the list of landed files and the keys of the raw table."""

    def __init__(self, landing_dir: Path, path: Path, table: str = "Task") -> None:
        self.landing_dir, self.path, self.table = landing_dir, path, table
        self.rows: dict[str, dict[str, str]] = {}

    @property
    def folder(self) -> Path:
        return self.landing_dir / "salesforce" / self.table

    def land(self) -> None:
        """Reads every file of the folder; the order is version time, deletion first among equals, file, line."""
        newest: dict[str, tuple] = {}
        for path in sorted(self.folder.glob("*.csv")):
            with open(path, newline="", encoding="utf-8") as file:
                for line, row in enumerate(csv.DictReader(file)):
                    changed = row.get("SystemModstamp") or row.get("CreatedDate")
                    version = datetime.fromisoformat(changed) if changed else OLDEST
                    order = (version, row["IsDeleted"] == "true", path.name, line)
                    if row["Id"] not in newest or order > newest[row["Id"]][0]:
                        newest[row["Id"]] = (order, row)
        self.rows = {key: row for key, (_, row) in newest.items()}
        self.path.unlink(missing_ok=True)
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("create schema landing")
            connection.execute("create table landing.files (path varchar)")
            for path in self.folder.glob("*.csv"):
                connection.execute("insert into landing.files values (?)", [f"salesforce/{self.table}/{path.name}"])
            connection.execute("create schema raw_salesforce")
            connection.execute(
                f"create table raw_salesforce.{self.table} "
                "(_row_key varchar, _version_at timestamp, _is_deleted boolean)"
            )
            for key, (order, _) in newest.items():
                connection.execute(
                    f"insert into raw_salesforce.{self.table} values (?, ?, ?)",
                    [key, order[0].replace(tzinfo=None), order[1]],
                )

    def lose(self) -> None:
        self.path.unlink(missing_ok=True)
        self.rows = {}

    def live(self) -> dict[str, dict[str, str]]:
        return {key: row for key, row in self.rows.items() if row["IsDeleted"] != "true"}
