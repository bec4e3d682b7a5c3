"""Checks the channel rule sheet before anything runs (R3.1 to R3.3)."""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.lib import own_settings
from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings

COLUMNS = ("Channel", "Subchannel", "Campaign", "Medium", "Source", "Landing Page", "Referring Website")


class RuleSheetError(UserError):
    """The sheet cannot be used; the message says file, line and reason for each finding."""


@dataclass
class Findings:
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check(settings: Settings) -> list[str]:
    """Returns the sheet's warnings; raises RuleSheetError where a row cannot be used."""
    with own_settings.seed_file(settings, "builtin_conditions").open(encoding="utf-8-sig", newline="") as file:
        conditions = {row["condition"].strip().lower() for row in csv.DictReader(file)}
    findings = find(own_settings.seed_file(settings, "channel_rules"), conditions)
    if findings.errors:
        raise RuleSheetError("The channel rule sheet cannot be used:\n  " + "\n  ".join(findings.errors))
    return findings.warnings


def find(sheet: Path, conditions: set[str]) -> Findings:
    """Reads a sheet with a set of known conditions (lower case, without brackets)."""
    findings = Findings()
    subchannels: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            findings.errors.append(
                f"{sheet}, line 1: column {', '.join(missing)} is missing. The first line must name "
                f"{', '.join(COLUMNS)}; further columns are ignored."
            )
            return findings
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                findings.errors.append(
                    f"{sheet}, line {line}: {len(cells)} cells under {len(header)} columns. Put a cell that holds a "
                    "comma in quotes."
                )
                continue
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            channel = row["Channel"]
            if not channel:
                findings.errors.append(f"{sheet}, line {line}: the channel is empty. Name a channel or delete the row.")
            for condition in re.findall(r"\[([^\]]*)\]?", row.get("Referring Website", "")):
                if condition.strip().lower() not in conditions:
                    findings.errors.append(
                        f"{sheet}, line {line}: the built-in condition [{condition}] is unknown. The seed "
                        "builtin_conditions lists the known ones; write your own referring websites without brackets."
                    )
            subchannels[channel].append((line, bool(row.get("Subchannel"))))
    for channel, rows in subchannels.items():
        if any(has for _, has in rows):
            findings.warnings += [
                f"{sheet}, line {line}: channel {channel} has no subchannel here, but elsewhere in the sheet."
                for line, has in rows
                if not has
            ]
    return findings
