"""Renders dbt's parsing macros to DuckDB SQL, so that landing reads text by the very rules that staging uses.

macros/parsing.sql says what a text means (a time, a flag, an id); landing needs the same answers to compare versions
and to list what does not cast. A second copy of those rules would drift.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from orchestration.lib.settings import PROJECT_DIR

NAMESPACE = "call_attribution"


def sql_macro(name: str) -> Callable[[str], str]:
    """The macro as a function from an SQL expression to an SQL expression."""
    return getattr(_macros(PROJECT_DIR / "macros" / "parsing.sql"), name)


class _Adapter:
    """What dbt calls `adapter`: picks DuckDB's spelling of a macro, else the portable one."""

    def __init__(self, macros: "_Macros") -> None:
        self._macros = macros

    def dispatch(self, name: str, namespace: str) -> Callable[[str], str]:
        assert namespace == NAMESPACE, namespace
        return self._macros.get(f"duckdb__{name}") or getattr(self._macros, f"default__{name}")


class _Macros:
    """The macros of one file, and the names that dbt would give them to work with."""

    def __init__(self, path: Path) -> None:
        environment = Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])
        # dbt's `return` hands a value out of a macro; a macro that only prints it is the same here.
        environment.globals |= {"adapter": _Adapter(self), "return": lambda value: value, NAMESPACE: self}
        self._module = environment.from_string(path.read_text(encoding="utf-8")).module

    def get(self, name: str) -> Callable[[str], str] | None:
        macro = getattr(self._module, name, None)
        return (lambda *arguments: str(macro(*arguments)).strip()) if macro else None

    def __getattr__(self, name: str) -> Callable[[str], str]:
        macro = self.get(name)
        if macro is None:
            raise AttributeError(f"macros/parsing.sql has no macro {name}")
        return macro


@cache
def _macros(path: Path) -> _Macros:
    return _Macros(path)
