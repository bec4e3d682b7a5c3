"""Checks the channel rule sheet before anything runs (R3.1 to R3.3)."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.lib import own_settings, seeds
from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings

COLUMNS = ("Channel", "Subchannel", "Campaign", "Medium", "Source", "Landing Page", "Referring Website")
# `*`, `*site*` or `*site.org/*`: what int_channels__rules reads as a host.
STARRED_HOST = re.compile(r"\*([^/?#:]+(/\*?)?)?")


class RuleSheetError(UserError):
    """The sheet cannot be used; the message says file, line and reason for each finding."""


@dataclass
class Findings:
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check(settings: Settings) -> list[str]:
    """Returns the sheet's warnings; raises RuleSheetError where a row cannot be used."""
    rows, _ = seeds.read(own_settings.seed_file(settings, "builtin_conditions"), ("condition",), short_rows=True)
    conditions = {row["condition"].lower() for row in rows}
    findings = find(own_settings.seed_file(settings, "channel_rules"), conditions)
    if findings.errors:
        raise RuleSheetError("The channel rule sheet cannot be used:\n  " + "\n  ".join(findings.errors))
    return findings.warnings


def find(sheet: Path, conditions: set[str]) -> Findings:
    """Reads a sheet with a set of known conditions (lower case, without brackets)."""
    findings = Findings()
    subchannels: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    records = seeds.records(sheet)
    where, header = next(records, (f"{sheet}, line 1", []))
    if problem := seeds.missing_columns(header, COLUMNS):
        findings.errors.append(f"{where}: {problem}")
        return findings
    for where, cells in records:
        if len(cells) > len(header):
            findings.errors.append(
                f"{where}: {len(cells)} cells under {len(header)} columns. Put a cell that holds a comma in quotes."
            )
            continue
        row = dict(zip(header, cells, strict=False))
        channel = row["Channel"]
        if not channel:
            findings.errors.append(f"{where}: the channel is empty. Name a channel or delete the row.")
        if "." in channel and channel not in subchannels:
            findings.warnings.append(
                f"{where}: channel {channel} has a dot. Reports on costs read a path's part after its first dot as the "
                "subchannel."
            )
        for condition in re.findall(r"\[([^\]]*)\]?", row.get("Referring Website", "")):
            if condition.strip().lower() not in conditions:
                findings.errors.append(
                    f"{where}: the built-in condition [{condition}] is unknown. The seed "
                    "builtin_conditions lists the known ones; write your own referring websites without brackets."
                )
        for website in map(str.strip, row.get("Referring Website", "").split(";")):
            if website.startswith("*") and not STARRED_HOST.fullmatch(website):
                findings.warnings.append(
                    f"{where}: the referring website {website} never matches. Write a host, with or without stars; "
                    "only cells of the column Landing Page can match a part of an address."
                )
        subchannels[channel].append((where, bool(row.get("Subchannel"))))
    for channel, rows in subchannels.items():
        if any(has for _, has in rows):
            findings.warnings += [
                f"{where}: channel {channel} has no subchannel here, but elsewhere in the sheet."
                for where, has in rows
                if not has
            ]
    return findings
