"""Your own seeds and variables, in a folder outside the checkout (CALL_ATTRIBUTION_CONFIG_DIR).

A file `<seed>.csv` replaces the seed that the project ships, and `variables.yml` sets variables of the rules. So an
update of the project never conflicts with a rule sheet, and several companies can share one checkout.
"""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib import seeds
from orchestration.lib.errors import UserError
from orchestration.lib.files import read_yaml
from orchestration.lib.settings import Settings

VARIABLES = "variables.yml"
# What is copied from object stores and databases (lib/sources/configured.py).
SOURCES = "sources.yml"
# The seeds that a user edits first; `make init` copies them.
COPIED = ("channel_rules",)
# The columns that your own copy of a seed may omit.
OPTIONAL_COLUMNS = {
    ("attribution_models", "middle"),
    ("channel_rules", "Note"),
    ("task_description_patterns", "note"),
}


class _NamedTwice(Exception):
    """A mapping repeats a key. YAML forbids this, but PyYAML silently takes the last value."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name, self.line = name, line


class _UniqueNames(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in names:
                raise _NamedTwice(key.value, key.start_mark.line + 1)
            names.add(key.value)
        return super().construct_mapping(node, deep)


class OwnSettingsError(UserError):
    """A file in the folder of your own settings cannot be used; the message names the file and what is allowed."""


def seed_file(settings: Settings, name: str) -> Path:
    """The file of a seed that is in effect: your own, or else the shipped one."""
    if settings.config_dir is not None:
        own = settings.config_dir / f"{name}.csv"
        if own.exists():
            return own
    return _shipped(settings, name)


def has_rows(settings: Settings, name: str) -> bool:
    """Whether a seed has more than its header."""
    return len(list(seeds.records(seed_file(settings, name)))) > 1


def variables(settings: Settings) -> dict[str, Any]:
    """The variables that you set yourself; those of dbt_project.yml apply to all others."""
    if settings.config_dir is None:
        return {}
    path = settings.config_dir / VARIABLES
    if not path.exists():
        return {}
    if not path.is_file():
        raise OwnSettingsError(f"{path} is not a file.")
    try:
        found = yaml.load(path.read_text(encoding="utf-8-sig"), _UniqueNames)
    except _NamedTwice as error:
        raise OwnSettingsError(f"{path}, line {error.line}: the variable {error.name!r} is set twice.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        # Not the text of the error: it quotes the file.
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise OwnSettingsError(f"{path}{place}: not readable as YAML. Write one `name: value` per line.") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise OwnSettingsError(f"{path}: write one `name: value` per line, such as `session_timeout_minutes: 30`.")
    known = documented_variables(settings)
    for name in found:
        if name not in known:
            raise OwnSettingsError(
                f"{path}: there is no variable {name!r}. Known variables: {', '.join(sorted(known))}."
            )
    return found


def read_project(settings: Settings) -> dict[str, Any]:
    """The content of dbt_project.yml."""
    return read_yaml(settings.project_dir / "dbt_project.yml")


def variables_in_effect(settings: Settings) -> dict[str, Any]:
    """Every variable of the rules with its value, and their documentation."""
    project = read_project(settings)
    declared = project.get("vars") or {}
    own_scope = declared.pop(project["name"], None) or {}
    return {**declared, **own_scope, **variables(settings)}


def named_fields(settings: Settings) -> dict[str, dict[str, str]]:
    """The fields of your tables that variables name, with the type as which they are read, by table."""
    values, fields = variables_in_effect(settings), {}
    for name, variable in documented_variables(settings).items():
        allowed, value = variable["allowed"], values[name]
        # A value of another type stops the run later, with the allowed values.
        if "table" in allowed and isinstance(value, list):
            fields.setdefault(allowed["table"], {}).update({str(field): allowed["data_type"] for field in value})
    return fields


def check(settings: Settings) -> None:
    """Stops on a folder that does not exist, and on a file in it that would have no effect."""
    folder = settings.config_dir
    if folder is None:
        return
    if not folder.is_dir():
        raise OwnSettingsError(
            f"CALL_ATTRIBUTION_CONFIG_DIR is {folder}, which is not a folder. "
            "`make init` creates it with a starting point."
        )
    known = {path.name for path in _shipped_seeds(settings)}
    for path in sorted(folder.iterdir()):
        if not path.exists():
            raise OwnSettingsError(f"{path} is a link to a file that does not exist. Correct or remove it.")
        if path.suffix.lower() in (".csv", ".yml", ".yaml") and path.name not in known | {VARIABLES, SOURCES}:
            raise OwnSettingsError(
                f"{path} has no effect. Files that the project reads here: {VARIABLES}, {SOURCES}, "
                f"{', '.join(sorted(known))}."
            )
    variables(settings)
    for shipped in _shipped_seeds(settings):
        _check_seed(seed_file(settings, shipped.stem), shipped)


def _check_seed(seed: Path, shipped: Path) -> None:
    """Stops on a seed that is not CSV in UTF-8, or lacks a column."""
    records = list(seeds.records(seed))
    columns = [name for name in next(seeds.records(shipped))[1] if (shipped.stem, name) not in OPTIONAL_COLUMNS]
    if problem := seeds.missing_columns(records[0][1] if records else [], columns):
        raise OwnSettingsError(f"{seed}, line 1: {problem}")


def write_starting_point(settings: Settings) -> Iterator[Path]:
    """Writes a commented variables.yml and a copy of the rule sheet; yields what it wrote. Keeps existing files."""
    folder = settings.config_dir
    if folder is None:
        raise OwnSettingsError(
            "Set CALL_ATTRIBUTION_CONFIG_DIR to the folder for your own settings first, for example: "
            "CALL_ATTRIBUTION_CONFIG_DIR=~/call-attribution make init"
        )
    folder.mkdir(parents=True, exist_ok=True)
    texts = {VARIABLES: _commented_variables(settings)}
    texts |= {f"{name}.csv": _shipped(settings, name).read_text(encoding="utf-8") for name in COPIED}
    for name, text in texts.items():
        path = folder / name
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            yield path


def documented_variables(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Name, default, allowed values, rule and meaning of every variable."""
    return read_project(settings)["vars"]["documented_variables"]


def _commented_variables(settings: Settings) -> str:
    shipped = ", ".join(path.name for path in _shipped_seeds(settings))
    lines = [
        "# Variables of the rules. Remove the `#` before a name to set it. Allowed values: docs/variables.md.",
        "# To change a seed (a rule sheet or a list), copy it from the project's seeds/ to this folder and edit it:",
        *textwrap.wrap(shipped, width=100, initial_indent="#   ", subsequent_indent="#   "),
        "# A file here replaces the whole shipped file.",
    ]
    for name, variable in documented_variables(settings).items():
        value = yaml.safe_dump(variable["default"], default_flow_style=True).removesuffix("\n...\n").strip()
        lines += ["", f"# {' '.join(variable['meaning'].split())} ({variable['rule']})", f"#{name}: {value}"]
    return "\n".join(lines) + "\n"


def _shipped(settings: Settings, name: str) -> Path:
    return settings.project_dir / "seeds" / f"{name}.csv"


def _shipped_seeds(settings: Settings) -> list[Path]:
    return sorted((settings.project_dir / "seeds").glob("*.csv"))
