"""Checks all seeds but the rule sheet before anything runs (R2.3, R7.4, R8.1, R8.6, R9.5, R10 to R12)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import crm_rules, own_settings
from orchestration.lib.files import read_yaml
from orchestration.lib.seeds import SeedError, SeedRow, read
from orchestration.lib.settings import Settings

# The columns that a seed must have; attribution_models can also have `middle`.
COLUMNS = {
    "stages": ("stage", "object", "stage_order"),
    "attribution_models": ("model", "position", "weight", "until"),
    "windows_minutes": ("minutes",),
}
# The models for which marts have columns (macros/credit.sql).
DOCUMENTED_MODELS = ("first_touch", "lead_creation", "u_shaped", "w_shaped", "full_path", "custom")
WEIGHTED_POSITIONS = ("FT", "LC", "OC", "Closed")
OTHER_POSITIONS = ("PostLC", "Form", "Pending")
RANGES = ("LC", "OC", "Closed")
LONGEST_WINDOW = 525600
# What every engine reads as a flag.
FLAGS = ("true", "false", "t", "f", "1", "0")


def check(settings: Settings) -> None:
    """Raises SeedError with every finding."""
    files = {name: own_settings.seed_file(settings, name) for name in COLUMNS}
    stages, problems = read(files["stages"], COLUMNS["stages"])
    problems += _stage_problems(stages)
    models, unreadable = read(files["attribution_models"], COLUMNS["attribution_models"])
    problems += unreadable or _model_problems(files["attribution_models"], models, {row["stage"] for row in stages})
    windows, unreadable = read(files["windows_minutes"], COLUMNS["windows_minutes"])
    problems += unreadable or _window_problems(windows)
    problems += crm_rules.problems(settings)
    problems += _shared_paths(settings)
    for path in sorted((settings.project_dir / "seeds").glob("*.yml")):
        for seed in read_yaml(path)["seeds"]:
            if seed["name"] not in {*COLUMNS, *crm_rules.COLUMNS, "channel_rules"}:
                problems += _described_problems(own_settings.seed_file(settings, seed["name"]), seed)
    if problems:
        raise SeedError("A seed cannot be used:\n  " + "\n  ".join(problems))


def _stage_problems(rows: list[SeedRow]) -> list[str]:
    problems = []
    seen = Counter(row["stage"] for row in rows)
    reserved = {*WEIGHTED_POSITIONS, *OTHER_POSITIONS}
    for row in rows:
        stage = row["stage"]
        if not stage:
            problems.append(f"{row.where}: the stage is blank. Name a stage or delete the row.")
            continue
        if row["object"] not in ("Lead", "Opportunity"):
            found = row["object"] or "(blank)"
            problems.append(f"{row.where}: stage {stage} belongs to object {found}. Allowed: Lead, Opportunity.")
        if _number(row["stage_order"]) is None:
            problems.append(f"{row.where}: stage {stage} needs a number in column stage_order.")
        if stage in reserved or stage.lower() == "middle":
            problems.append(f"{row.where}: {stage} is the name of a position. A stage needs another name.")
        if seen[stage] > 1:
            problems.append(f"{row.where}: stage {stage} occurs twice. List it once, for one object.")
    return problems


def _model_problems(file: Path, rows: list[SeedRow], stages: set[str]) -> list[str]:
    problems = []
    totals: dict[str, list[Decimal | None]] = defaultdict(list)
    seen = Counter((row["model"], row["position"]) for row in rows)
    for row in rows:
        model, position, weight = row["model"], row["position"], _number(row["weight"])
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", model):
            problems.append(
                f"{row.where}: model {model or '(blank)'} is not a valid name. "
                "A name consists of letters, digits, `_`, `.` and `-`."
            )
            continue
        named = f"{row.where}: position {position or '(blank)'} of model {model}"
        is_weight = weight is not None and 0 <= weight <= 100 and weight == round(weight, 4)
        totals[model].append(weight if is_weight else None)
        if position not in {*WEIGHTED_POSITIONS, "middle", *stages}:
            problems.append(
                f"{named} is unknown. Allowed: {', '.join(WEIGHTED_POSITIONS)}, middle and the stages of seed `stages`."
            )
        if seen[model, position] > 1:
            problems.append(f"{named} occurs twice.")
        if not is_weight:
            problems.append(
                f"{named} has weight {row['weight'] or '(blank)'}. Allowed: 0 to 100, at most four decimals."
            )
        problems += [f"{named} has {problem}" for problem in _middle_problems(row, is_middle=position == "middle")]
    for model, weights in totals.items():
        known = [weight for weight in weights if weight is not None]
        if len(known) == len(weights) and sum(known) != 100:
            problems.append(f"{file}: the weights of model {model} add up to {sum(known):f} instead of 100.")
    problems += [
        f"{file}: model {model} has no rows. Marts have columns for it; keep it beside your own models."
        for model in DOCUMENTED_MODELS
        if model not in totals
    ]
    return problems


def _middle_problems(row: SeedRow, is_middle: bool) -> Iterator[str]:
    until, middle = row["until"], row["middle"]
    if is_middle and until not in RANGES:
        yield f"{until or 'a blank'} in column until. Allowed for middle: {', '.join(RANGES)}."
    if is_middle and middle.lower() not in ("", "conversions", "all"):
        yield f"{middle} in column middle. Allowed: conversions, all."
    for name, value in (("until", until), ("middle", middle)):
        if not is_middle and value:
            yield f"{value} in column {name}. Only the position middle has a value there."


def _window_problems(rows: list[SeedRow]) -> list[str]:
    return [
        f"{row.where}: {row['minutes'] or '(blank)'} is not a whole number of minutes from 0 to {LONGEST_WINDOW}."
        for row in rows
        if not (row["minutes"].isascii() and row["minutes"].isdecimal() and int(row["minutes"]) <= LONGEST_WINDOW)
    ]


def _shared_paths(settings: Settings) -> Iterator[str]:
    """Reports know a channel by its path, so two channels with one path would count each other's touches."""
    sheet, _ = read(own_settings.seed_file(settings, "channel_rules"), ("Channel", "Subchannel"), short_rows=True)
    offline, _ = read(own_settings.seed_file(settings, "offline_channels"), ("channel", "subchannel"))
    channels = [(row.where, row["Channel"], row["Subchannel"]) for row in sheet]
    channels += [(row.where, row["channel"], row["subchannel"]) for row in offline]
    known: dict[str, tuple[str, str]] = {}
    for where, channel, subchannel in channels:
        path = f"{channel}.{subchannel}" if subchannel else channel
        other, first = known.setdefault(path, (channel, where))
        if other != channel:
            yield f"{where}: the channel path {path} is already that of another channel ({first}). Rename one of them."


def _described_problems(file: Path, description: Mapping[str, Any]) -> Iterator[str]:
    """Rows that contradict the seed's description in seeds/*.yml: its types, `not_null`, `accepted_values` and key."""
    types = description["config"]["column_types"]
    columns = tuple(name for name in types if (description["name"], name) not in own_settings.OPTIONAL_COLUMNS)
    rows, unreadable = read(file, columns, short_rows=True)
    yield from unreadable
    tests = {column["name"]: column.get("data_tests", []) for column in description.get("columns", [])}
    for row in rows:
        for name, kind in types.items():
            if problem := _cell_problem(row[name], kind, tests.get(name, [])):
                yield f"{row.where}: {row[name] or '(blank)'} in column {name}{problem}"
    if key := description["config"].get("meta", {}).get("key"):
        yield from _repeated_keys(rows, key, types)
    if "pattern" in types:
        yield from _pattern_problems(rows)


def _cell_problem(value: str, kind: str, tests: list[Any]) -> str:
    allowed = [test["accepted_values"]["arguments"]["values"] for test in tests if "accepted_values" in test]
    if value and allowed and value not in allowed[0]:
        return f". Allowed: {', '.join(allowed[0])}."
    if not value and "not_null" in tests:
        return ". It must not be blank."
    if kind == "integer" and not re.fullmatch(r"-?[0-9]{1,9}", value):
        return " is not a whole number."
    if kind == "boolean" and value and value.lower() not in FLAGS:
        return " is not a flag. Allowed: true, false."
    return ""


def _repeated_keys(rows: list[SeedRow], key: list[str], columns: Iterable[str]) -> Iterator[str]:
    """Rows with the same key and different answers; models compare keys without case."""
    known: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        named = tuple(row[name].lower() for name in key)
        answer = [row[name] for name in columns if name not in key]
        if known.setdefault(named, answer) != answer:
            yield f"{row.where}: {', '.join(row[name] for name in key)} occurs twice. List it once; case is ignored."


def _pattern_problems(rows: list[SeedRow]) -> Iterator[str]:
    with duckdb.connect() as con:
        for row in (row for row in rows if row["pattern"]):
            try:
                # With a number instead of a name, a missing group would be an empty text.
                con.execute("SELECT regexp_extract('', ?, ['value'])", [row["pattern"]])
            except duckdb.Error:
                yield (
                    f"{row.where}: the pattern is not a regular expression (RE2) with a group in round brackets, which "
                    "encloses the value."
                )


def _number(text: str) -> Decimal | None:
    """A number that every engine reads; Decimal alone also reads `1e30` and the digits of other scripts."""
    return Decimal(text) if re.fullmatch(r"-?([0-9]{1,9}([.][0-9]*)?|[.][0-9]+)", text) else None
