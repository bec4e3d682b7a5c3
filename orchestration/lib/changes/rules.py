"""Which rules differ between two marts files: lines of seeds, variables, models."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

import duckdb

from orchestration.lib.changes.publications import Made


@dataclass(frozen=True)
class RuleChange:
    """One changed part: `before` or `after` is empty if it is new or was removed, both if its text is not recorded."""

    part: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        match bool(self.before), bool(self.after):
            case True, True:
                return f"{self.part}: {self.after} (it was {self.before})"
            case False, True:
                return f"{self.part}: added {self.after}"
            case True, False:
                return f"{self.part}: removed {self.before}"
            case _:
                return f"{self.part} changed"


def changed_rules(con: duckdb.DuckDBPyConnection, before: Made, after: Made) -> tuple[RuleChange, ...]:
    """Every difference, one for each line of a seed; the texts are in the attached files."""
    found = []
    for name in sorted(before.seeds.keys() | after.seeds.keys()):
        if before.seeds.get(name) != after.seeds.get(name):
            found += _changed_lines(name, _text(con, before.seeds.get(name)), _text(con, after.seeds.get(name)))
    for name in sorted(before.variables.keys() | after.variables.keys()):
        was, now = before.variables.get(name, ""), after.variables.get(name, "")
        if was != now:
            found.append(RuleChange(f"variable {name}", was, now))
    for name in sorted(before.fingerprint.keys() | after.fingerprint.keys()):
        if before.fingerprint.get(name) != after.fingerprint.get(name):
            found.append(RuleChange(name))
    return tuple(found)


def _text(con: duckdb.DuckDBPyConnection, digest: str | None) -> str:
    found = con.execute(
        """
        SELECT text FROM (FROM before.publication_seeds UNION ALL FROM after.publication_seeds) WHERE digest = ? LIMIT 1
        """,
        [digest],
    ).fetchall()
    return found[0][0] if found else ""


def _changed_lines(seed: str, before: str, after: str) -> list[RuleChange]:
    """The records that only one of the two texts has; without any, their order or their form changed."""
    was, now = _records(before), _records(after)
    removed = list((Counter(was.values()) - Counter(now.values())).elements())
    added = list((Counter(now.values()) - Counter(was.values())).elements())
    lines = {text: line for line, text in now.items()}
    changes = [RuleChange(f"seed {seed}, line {lines[text]}", after=text) for text in added]
    lines = {text: line for line, text in was.items()}
    changes += [RuleChange(f"seed {seed}, line {lines[text]}", before=text) for text in removed]
    return changes or [RuleChange(f"seed {seed}")]


def _records(text: str) -> dict[int, str]:
    """The records of a CSV text by their line, each as one line."""
    reader = csv.reader(io.StringIO(text))
    found = {}
    for cells in reader:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="").writerow([" ".join(cell.split()) for cell in cells])
        if any(cells):
            found[reader.line_num] = buffer.getvalue()
    return found
