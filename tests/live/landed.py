"""What the project's own landing makes of the files that a live source wrote."""

from pathlib import Path

from orchestration.lib.landing import store
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.landing.land import land_table
from orchestration.lib.sources.warehouse import landed_names
from tests.harness import settings_in

Rows = dict[str, dict[str, str]]


class Warehouse:
    """A landing folder and a warehouse, looked at through one table."""

    def __init__(self, folder: Path, table: SourceTable) -> None:
        self.settings, self.table = settings_in(folder), table
        self.landing_dir, self.path = self.settings.landing_dir, self.settings.warehouse

    @property
    def folder(self) -> Path:
        return self.landing_dir / self.table.folder

    def landed(self) -> list[str]:
        return landed_names(self.settings, self.table.folder)

    def land(self) -> None:
        with store.connect(self.path) as con:
            report = land_table(con, self.table, self.landing_dir)
        assert not report.total("quarantined") and not report.total("uncast")

    def lose(self) -> None:
        self.path.unlink(missing_ok=True)

    def rows(self) -> Rows:
        """The landed rows, deleted ones included, by key."""
        with store.connect(self.path) as con:
            cursor = con.execute(f"select * from {store.raw_table(self.table)}")
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        assert len(rows) == len({row["_row_key"] for row in rows})
        return {row["_row_key"]: row for row in rows}

    def live(self) -> Rows:
        return {key: row for key, row in self.rows().items() if not row["_is_deleted"]}
