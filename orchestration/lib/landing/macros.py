"""Renders dbt's macros to DuckDB SQL outside dbt, so that other modules share their rules.

Landing reads text by the same rules as staging, to compare versions and to list what cannot be read; the links of rows
(build/components.py) and the checks of rules (crm_rules.py) compare values as the models do.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from orchestration.lib.settings import PROJECT_DIR

NAMESPACE = "call_attribution"
FILES = (
    "aggregates.sql",
    "calls.sql",
    "parsing.sql",
    "conditions.sql",
    "time.sql",
    "touchpoints.sql",
    "trackers/values.sql",
    "window.sql",
)


def sql_macro(name: str) -> Callable[..., str]:
    """The macro as a function from SQL expressions (and numbers) to SQL."""
    return getattr(_macros(PROJECT_DIR / "macros"), name)


class _Adapter:
    """What dbt calls `adapter`: picks DuckDB's spelling of a macro, else the portable one."""

    def __init__(self, macros: "_Macros") -> None:
        self._macros = macros

    def dispatch(self, name: str, namespace: str) -> Callable[..., str]:
        assert namespace == NAMESPACE, namespace
        return self._macros.get(f"duckdb__{name}") or getattr(self._macros, f"default__{name}")


class _Macros:
    """The macros of all files together, and the names that dbt would give them to work with."""

    def __init__(self, folder: Path) -> None:
        environment = Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])
        # dbt's `return` passes a value out of a macro; here, a macro that prints it is equivalent.
        environment.globals |= {"adapter": _Adapter(self), "return": lambda value: value, NAMESPACE: self}
        text = "\n".join((folder / file).read_text(encoding="utf-8") for file in FILES)
        self._module = environment.from_string(text).module

    def get(self, name: str) -> Callable[..., str] | None:
        macro = getattr(self._module, name, None)
        return (lambda *positional, **named: str(macro(*positional, **named)).strip()) if macro else None

    def __getattr__(self, name: str) -> Callable[..., str]:
        macro = self.get(name)
        if macro is None:
            raise AttributeError(f"{', '.join(FILES)} has no macro {name}")
        return macro


@cache
def _macros(folder: Path) -> _Macros:
    return _Macros(folder)
