"""Names come from the web: what a terminal shows of them cannot control it, nor forge a line."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration.lib.changes import describe
from orchestration.lib.errors import UserError
from orchestration.lib.publish import summary
from orchestration.lib.terminal import table

EVIL = "\x1b]0;pwn\x07\x1b[31m\nforged"


def test_a_comparison_escapes_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, found in {
        "_name": lambda made: "version 1",
        "landed_summary": lambda comparison: [],
        "rules_summary": lambda comparison, listed: [EVIL],
        "_by_channel": lambda comparison: (["channel"], [(EVIL,)]),
        "_credit": lambda comparison: (["channel"], []),
        "_rows": lambda comparison, kind, listed: [f"      medium: {EVIL} -> cpc"],
    }.items():
        monkeypatch.setattr(describe, name, found)
    text = describe.report(SimpleNamespace(before=None, after=None))  # pyright: ignore[reportArgumentType]
    assert all(character.isprintable() for line in text.split("\n") for character in line)
    assert not [line for line in text.split("\n") if line.startswith("forged")]


def test_a_query_escapes_control_characters_in_headings_and_errors(tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    duckdb.connect(str(marts)).close()
    assert "\x1b" not in summary.answer(marts, f'SELECT 1 AS "{EVIL}"')
    assert "\x1b" not in "".join(table([EVIL], [(1,)]))
    with pytest.raises(UserError) as failure:
        summary.answer(marts, f"SELECT '{EVIL}'::INTEGER")
    assert "\x1b" not in str(failure.value) and "pwn" in str(failure.value)
