"""How a comparison reads."""

import duckdb

from orchestration.lib.changes.comparison import Comparison
from orchestration.lib.changes.describe import LONGEST_RULE, rules_summary
from orchestration.lib.changes.publications import Made
from orchestration.lib.changes.rules import RuleChange, changed_rules


def made(variables: dict[str, str], seeds: dict[str, str], fingerprint: dict[str, str]) -> Made:
    return Made(1, "Full refresh", 1, variables, seeds, fingerprint)


def test_changed_rules_are_lines_of_seeds_variables_and_models() -> None:
    before = made({"window": "30"}, {"sheet": "d1", "gone": "d3", "same": "d4"}, {"model a": "1", "model b": "1"})
    after = made({"window": "45"}, {"sheet": "d2", "same": "d4"}, {"model a": "2", "model b": "1", "model c": "1"})
    texts = {
        "d1": 'Channel,Source\nDirect,\nSocial,"a,\nb"\n',
        "d2": 'Channel,Source\nSocial,"a,\nb"\nPaid,x\n',
        "d3": "x\ny\n",
    }
    with duckdb.connect() as con:
        for name in ("before", "after"):
            con.execute(f"ATTACH ':memory:' AS {name}")
            con.execute(f"CREATE TABLE {name}.publication_seeds (digest VARCHAR, text VARCHAR)")
        con.executemany("INSERT INTO before.publication_seeds VALUES (?, ?)", list(texts.items()))
        found = [str(rule) for rule in changed_rules(con, before, after)]
    assert found == [
        "seed gone, line 1: removed x",
        "seed gone, line 2: removed y",
        "seed sheet, line 4: added Paid,x",
        "seed sheet, line 2: removed Direct,",
        "variable window: 45 (it was 30)",
        "model a changed",
        "model c changed",
    ]


def test_an_order_of_lines_is_a_change_too() -> None:
    with duckdb.connect() as con:
        for name in ("before", "after"):
            con.execute(f"ATTACH ':memory:' AS {name}")
            con.execute(f"CREATE TABLE {name}.publication_seeds AS SELECT 'd1' AS digest, 'h\na\nb\n' AS text")
        con.execute("INSERT INTO after.publication_seeds VALUES ('d2', 'h\nb\na\n')")
        found = changed_rules(con, made({}, {"sheet": "d1"}, {}), made({}, {"sheet": "d2"}, {}))
    assert [str(rule) for rule in found] == ["seed sheet changed"]


def test_long_lists_of_rules_are_shortened() -> None:
    rules = (
        RuleChange("seed rules, line 1", after="x" * 1000),
        *(RuleChange(f"model m{number}") for number in range(4)),
    )
    nothing = made({}, {}, {})
    with duckdb.connect() as con:
        found = rules_summary(Comparison(con, nothing, nothing, rules), listed=2)
    assert (len(found[0]), found[1:]) == (LONGEST_RULE, ["model m0 changed", "and 3 more changes"])
