"""Writes what the project documents in more than one place, each from the one place that defines it.

The verdicts (seeds/verdicts.csv) become tables in docs/rules.md and docs/questions.md, the variables (dbt_project.yml)
a table in docs/variables.md, the rules (docs/rules.md) the seed that the published file shows as docs_rules, and the
marts (README.md, and the pages of optional features) a table on the page on which dbt's documentation opens.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib.settings import PROJECT_DIR

RULES, VERDICTS, VARIABLES = Path("docs/rules.md"), Path("docs/questions.md"), Path("docs/variables.md")
OVERVIEW, MARTS = Path("models/overview.md"), (Path("README.md"), Path("docs/crm-touches.md"), Path("docs/costs.md"))
RULES_SEED, VERDICTS_SEED = Path("seeds/rules.csv"), Path("seeds/verdicts.csv")

# A mart is a row of a table: name, grain, question.
MART = re.compile(r"^\| (?P<name>`(?:fct|rpt)_\w+`) \| [^|]+ \| (?P<question>[^|]+) \|$", re.MULTILINE)
# A rule is a list item of docs/rules.md: number and title in bold type, then its text, continued by indented lines.
RULE = re.compile(r"^- \*\*(?P<rule>R\d+(?:\.\d+)?) (?P<title>.+?)\.?\*\* (?P<text>.*(?:\n(?:  .*)?)*)", re.MULTILINE)


def pages() -> dict[Path, str]:
    """Every file that is written, with the text that it should have."""
    with (PROJECT_DIR / VERDICTS_SEED).open(encoding="utf-8", newline="") as file:
        verdicts = list(csv.DictReader(file))
    rules = _filled(
        _text(RULES),
        "verdicts",
        _table(("verdict", "when"), ((f"`{row['verdict']}`", row["condition"]) for row in verdicts), indent="  "),
    )
    return {
        RULES: rules,
        RULES_SEED: _csv(rules_of(rules)),
        VERDICTS: _filled(
            _text(VERDICTS),
            "verdicts",
            _table(
                ("verdict", "title", "what to do"),
                ((f"`{row['verdict']}`", row["title"], _placeholders(row["advice"])) for row in verdicts),
            ),
        ),
        VARIABLES: _filled(
            _text(VARIABLES),
            "variables",
            _table(
                ("variable", "default", "allowed values", "rule", "meaning"),
                (_variable(name, about) for name, about in variables()["documented_variables"].items()),
            ),
        ),
        OVERVIEW: _filled(
            _text(OVERVIEW),
            "marts",
            _table(
                ("mart", "answers"),
                (mart.group("name", "question") for page in MARTS for mart in MART.finditer(_text(page))),
            ),
        ),
    }


def variables() -> dict[str, Any]:
    """The variables of dbt_project.yml with their values, and `documented_variables` with their meanings."""
    return yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def rules_of(text: str) -> list[dict[str, str]]:
    """Number, title and text of every rule, in the order of the page."""
    return [
        {
            "rule_order": str(order),
            "rule": found["rule"],
            "title": found["title"],
            "text": _plain(found["text"]),
        }
        for order, found in enumerate(RULE.finditer(text), 1)
    ]


def write() -> None:
    for path, text in pages().items():
        file = PROJECT_DIR / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"Updated {path}")


def _plain(text: str) -> str:
    """A rule as it is stored: paragraphs and list items on one line each, tables line by line."""
    lines = [line.strip() for line in text.splitlines() if "<!--" not in line]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())
    return re.sub(r"(?<![\n|])\n(?![\n|]|- )", " ", joined)


def _variable(name: str, about: Mapping[str, Any]) -> tuple[str, ...]:
    allowed = about["allowed"]
    if isinstance(allowed, list):
        words = ", ".join(f"`{_value(value)}`" for value in allowed)
    elif "minutes_from" in allowed:
        words = f"whole numbers from {allowed['minutes_from']} to 525600"
    elif "name" in allowed:
        words = f"{allowed['name']}, or blank"
    elif "pattern" in allowed:
        words = "a pattern of characters, sets (`[0-9a-f]`) and counts (`{32}`)"
    else:
        words = f"a list of {'at least one of the ' if allowed['names'] else ''}{allowed['of']}"
    return f"`{name}`", f"`{_value(about['default'])}`", words, about["rule"], about["meaning"]


def _value(value: Any) -> str:
    """As one writes it in dbt_project.yml."""
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return json.dumps(value) if str(value).startswith("[") or value == "" else json.dumps(value).strip('"')


def _placeholders(text: str) -> str:
    return re.sub(r"'?\{(\w+)\}'?", r"`\1`", text)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], indent: str = "") -> str:
    lines = [header, ["---"] * len(header), *rows]
    return (
        "\n".join(indent + "| " + " | ".join(line) + " |" for line in lines)
        .replace("| --- ", "|---")
        .replace("--- |", "---|")
    )


def _filled(page: str, name: str, text: str) -> str:
    """The page with the text between its two marks."""
    pattern = re.compile(
        rf"(?P<open>^ *<!-- {name} -->\n\n).*?(?P<close>\n\n *<!-- end of {name} -->)", re.MULTILINE | re.DOTALL
    )
    filled, count = pattern.subn(lambda found: found["open"] + text + found["close"], page)
    if count != 1:
        raise ValueError(f"The page needs one pair of marks '<!-- {name} -->' and '<!-- end of {name} -->'.")
    return filled


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _text(path: Path) -> str:
    return (PROJECT_DIR / path).read_text(encoding="utf-8")


if __name__ == "__main__":
    write()
