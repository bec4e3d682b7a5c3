"""Compare, preview and replay: one history of landings and rules, made once, looked at from every side.

Besides the change scenarios there are generated datasets, whose rows are new, edited, deleted and restored.
"""

import functools
import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.defs.transform.assets import publish_build
from orchestration.lib import report
from orchestration.lib.changes import comparison, describe, rebuild
from orchestration.lib.changes.comparison import MEASURES, ROWS, Comparison
from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.changes.scenarios import AFTER, BEFORE, RULE, Rows
from tests.conftest import FULL
from tests.harness import Project, frozen_manifest, plain_manifest, thaw
from tests.incremental.change_sequences import draw_change_sequences, together
from tests.incremental.full_refreshes import differences, read_marts
from tests.oracle import Dataset
from tests.orchestration.test_faults import FORK
from tests.properties.test_marts_against_oracle import CRM_SEEDS, as_csv

pytestmark = pytest.mark.slow

SHEET = (PROJECT_DIR / "seeds" / "channel_rules.csv").read_text(encoding="utf-8")
DATASETS = 6
# Made at a publication, or of the comments in the file.
OWN = {"publications", "publication_seeds", "rpt_changes", "docs_columns"}


def arrive(project: Project, arrivals: Dataset, step: int, scenario: Rows) -> None:
    for path, rows in arrivals.files.items():
        table, file = path.rsplit("/", 1)
        name, kind = file.split(".", 1)
        project.write(table, rows, kind, f"{name}-{step}")
    for table, rows in scenario.items():
        # The second content of the same file.
        project.write(table, rows, "jsonl", "scenario")
    project.land()


def options(project: Project) -> dict[str, Any]:
    return {
        "manifest": plain_manifest(),
        "parse": lambda: thaw(frozen_manifest()),
        "target_dir": project.folder / "target",
    }


def say(line: str) -> None:
    """Nobody listens."""


def files(project: Project) -> dict[str, str]:
    """The published versions and the link, with their content."""
    folder = project.settings.marts.parent
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() + str(path.is_symlink() and path.readlink())
        for path in folder.glob("marts*.duckdb")
        if ".preview" not in path.name and ".replay" not in path.name
    }


@dataclass(frozen=True)
class Compared:
    """All that a comparison says."""

    rows: dict[str, dict[str, dict[str, Any]]]
    changes: list[tuple[Any, ...]]
    rules: list[str]
    sentences: list[str]
    report: str


class History:
    """Three versions: the first landing, the second landing, an edited rule."""

    def __init__(self, project: Project, seed: str) -> None:
        self.project = project
        sequences = draw_change_sequences(seed, DATASETS, 2, with_currencies=True, with_costs=True)
        for name, rows in CRM_SEEDS.items():
            project.write_seed(name, as_csv(rows))
        # Otherwise a new host in the second landing would concern every session.
        project.write_seed("channel_rules", SHEET)
        (project.folder / "config" / "variables.yml").write_text("own_hosts: [harbourdesk.example]\n")
        arrive(project, together(sequences, 0), 0, BEFORE)
        project.build()
        publish_build(project.settings, pytest.fail)
        arrive(project, together(sequences, 1), 1, AFTER)
        project.build(incremental=True)
        assert project.plan.kind == "incremental", project.plan
        publish_build(project.settings, pytest.fail)
        header, rules = SHEET.split("\n", 1)
        project.write_seed("channel_rules", f"{header}\n{RULE}\n{rules}")
        self.before_preview = files(project)
        preview = rebuild.preview(project.settings, project.settings.marts.resolve(), say, **options(project))
        self.after_preview = files(project)
        project.build(incremental=True)
        publish_build(project.settings, pytest.fail)
        self.files = {"1": self.version(1), "2": self.version(2), "3": self.version(3), "preview": preview}
        # KEEP_VERSIONS removes the oldest one.
        removed = self.version(1).rename(project.folder / "removed.duckdb")
        self.files["replay of 1"] = self.replayed("1", "1")
        self.files["replay of 2"] = self.replayed("2", "2")
        removed.rename(self.files["1"])
        [landed] = project.query("SELECT max(landed_at)::DATE AS day FROM warehouse.landing.files")
        self.files["replay of today"] = self.replayed(f"{landed['day']}", None)

    def replayed(self, through: str, rules: str | None) -> Path:
        return rebuild.replay(self.project.settings, through, rules, say, **options(self.project))

    def version(self, number: int) -> Path:
        [path] = self.project.settings.marts.parent.glob(f"marts.{number:06}.*.duckdb")
        return path

    @functools.cache  # noqa: B019
    def compared(self, before: str, after: str) -> Compared:
        with comparison.compared(self.project.settings, self.files[before], self.files[after], say) as found:
            return Compared(
                {kind: rows(found, kind) for kind in ROWS},
                found.con.execute(found.changes()).fetchall(),
                [str(rule) for rule in found.rules],
                list(describe.sentences(found)),
                describe.report(found, listed=2),
            )

    def rows(self, before: str, after: str, kind: str) -> dict[str, dict[str, Any]]:
        """The differing rows of a mart by id, each with the landed rows behind it."""
        return self.compared(before, after).rows[kind]


def rows(found: Comparison, kind: str) -> dict[str, dict[str, Any]]:
    cursor = found.con.execute(found.rows(kind))
    names = [column[0] for column in cursor.description or []]
    differing = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["id"]: row | {"landed": found.landed(row["component"])} for row in differing}


@pytest.fixture(scope="module", params=[f"changes {number}" for number in range(10 if FULL else 1)])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(Project(tmp_path_factory.mktemp("changes")), request.param)


PAIRS = [("1", "2"), ("2", "3"), ("1", "3"), ("3", "1"), ("2", "preview")]


def cells(path: Path, mart: str) -> dict[str, dict[str, Any]]:
    """The rows of a mart by key, as JSON."""
    key = next(key for name, key in ROWS.values() if name == mart)
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return {
            name: json.loads(row) for name, row in con.execute(f"SELECT {key}, to_json(m) FROM {mart} AS m").fetchall()
        }


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_changes_applied_to_the_old_marts_give_the_new_ones(history: History, before: str, after: str) -> None:
    for kind, (mart, key) in ROWS.items():
        rows, wanted = cells(history.files[before], mart), cells(history.files[after], mart)
        for name, row in history.rows(before, after, kind).items():
            if row["change"] == "removed":
                assert rows.pop(name).items() >= json.loads(row["before"]).items()
                continue
            values = json.loads(row["after"])
            if row["change"] == "added":
                assert name not in rows
                rows[name] = dict.fromkeys(next(iter(wanted.values())), None) | {key: name}
            else:
                was = json.loads(row["before"])
                assert {column: rows[name][column] for column in was} == was
            rows[name] |= dict.fromkeys(row["columns"], None) | values
        assert rows == wanted, mart


def sums(history: History, name: str) -> Counter[tuple[Any, ...]]:
    """Every measure by channel, campaign and model, counted row by row."""
    total: Counter[tuple[Any, ...]] = Counter()
    with duckdb.connect(str(history.files[name]), read_only=True) as con:
        touches = {
            row[0]: (row[1], row[2] or "(none)")
            for row in con.execute(
                "SELECT touchpoint_id, channel_path, ad_campaign_name FROM fct_touchpoints"
            ).fetchall()
        }
        for where in touches.values():
            total[*where, None, "touches"] += 1
        for (touch,) in con.execute("SELECT touchpoint_id FROM fct_calls WHERE is_counted").fetchall():
            total[*touches[touch], None, "calls"] += 1
        deals = {
            row[0]: row[1:]
            for row in con.execute("SELECT opportunity_id, is_won, is_closed FROM fct_opportunities").fetchall()
        }
        credit = "SELECT opportunity_id, touchpoint_id, model, revenue FROM fct_attribution_credit"
        for deal, touch, model, revenue in con.execute(credit).fetchall():
            is_won, is_closed = deals[deal]
            total[*touches[touch], model, "positions"] += 1
            if revenue and (is_won or not is_closed):
                total[*touches[touch], model, "revenue" if is_won else "pipeline_revenue"] += revenue
    return total


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_causes_add_up_to_the_cent(history: History, before: str, after: str) -> None:
    found: Counter[tuple[Any, ...]] = Counter()
    compared = history.compared(before, after)
    for channel, campaign, model, cause, *measures in compared.changes:
        assert cause in ("landed rows", "rules", "both")
        assert (cause != "landed rows") == bool(compared.rules)
        for name, value in zip(MEASURES, measures, strict=True):
            found[channel, campaign, model, name] += value
    old, new = sums(history, before), sums(history, after)
    wanted = {key: new[key] - old[key] for key in old | new}
    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in wanted.items() if value
    }
    assert any(isinstance(value, Decimal) and value for value in found.values())


def test_a_late_bizible_id(history: History) -> None:
    """The call joins its session. Task and session are one component, in which only the Task landed again."""
    rows = history.rows("1", "2", "call")
    [call] = [row for name, row in rows.items() if name.startswith("00T000000000001")]
    assert (json.loads(call["before"])["verdict"], json.loads(call["after"])["verdict"]) == (
        "none_without_bizible_id",
        "merged",
    )
    assert call["cause"] == "landed rows"
    [(table, _, file, change, fields)] = call["landed"]
    assert (table, file, change) == ("salesforce/Task", "salesforce/Task/scenario.jsonl", "edited")
    assert fields == ["SystemModstamp", "bizible2__BizibleId__c"]
    touch = history.rows("1", "2", "touchpoint")["session-s-late"]
    assert touch["landed"] == call["landed"]


def test_a_merged_contact(history: History) -> None:
    """The touches of the losing record leave the opportunity, and their credit goes to those of the other."""
    rows = history.rows("1", "2", "opportunity")
    [deal] = [row for name, row in rows.items() if name.startswith("006000000000001")]
    assert (json.loads(deal["before"])["touches"], json.loads(deal["after"])["touches"]) == (2, 1)
    assert [(table, change) for table, _, _, change, _ in deal["landed"]] == [("salesforce/Contact", "deleted")]
    assert {"IsDeleted", "MasterRecordId"} <= set(deal["landed"][0][4])


def test_a_closed_deal(history: History) -> None:
    rows = history.rows("1", "2", "opportunity")
    [deal] = [row for name, row in rows.items() if name.startswith("006000000000002")]
    assert json.loads(deal["after"]) == {"is_closed": True, "is_won": True}
    assert [(table, change) for table, _, _, change, _ in deal["landed"]] == [("salesforce/Opportunity", "edited")]


def test_a_deleted_session(history: History) -> None:
    touch = history.rows("1", "2", "touchpoint")["session-s-deleted"]
    assert (touch["change"], touch["after"]) == ("removed", None)
    assert [(table, name, change) for table, name, _, change, _ in touch["landed"]] == [
        ("web/sessions", "s-deleted", "deleted")
    ]


def test_a_call_deleted_from_the_providers_log(history: History) -> None:
    """By the log, two Tasks were one call. The Task looks the log's row up, so the row is part of its cause."""
    [call] = [row for name, row in history.rows("1", "2", "call").items() if name.startswith("00T000000000003")]
    assert [json.loads(call[side])["verdict"] for side in ("before", "after")] == ["merged_duplicate", "merged"]
    assert call["cause"] == "landed rows"
    assert call["landed"] == [
        ("calls/callrail", "CAL2", "calls/callrail/scenario.jsonl", "deleted", ["_fivetran_deleted"])
    ]


def test_an_edited_rule(history: History) -> None:
    """Between the first and the third version rows landed too, but not for this touch."""
    for before, after in (("2", "3"), ("1", "3"), ("2", "preview")):
        touch = history.rows(before, after, "touchpoint")["session-s-rule"]
        assert json.loads(touch["after"])["channel_path"] == "Paid Social.Partners"
        assert (touch["cause"], touch["landed"]) == ("rules", [])
        assert history.compared(before, after).rules == [f"seed channel_rules, line 2: added {RULE}"]
    assert history.rows("1", "3", "touchpoint")["session-s-late"]["cause"] == "both"


def test_what_did_not_change_is_not_listed(history: History) -> None:
    assert "session-s-still" not in history.rows("1", "3", "touchpoint")


def test_a_preview_says_what_a_rule_would_move(history: History) -> None:
    sentences = history.compared("2", "preview").sentences
    assert any(
        line.endswith("and 1,000.00 of won revenue from Other to Paid Social.Partners.") for line in sentences
    ), sentences


def test_a_preview_publishes_nothing_and_equals_the_later_build(history: History) -> None:
    assert history.before_preview == history.after_preview
    assert differences(marts(history.files["preview"]), marts(history.files["3"])) == []


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_replay_equals_the_build_that_stopped_there(history: History, version: str) -> None:
    """With the rules of then, also of a removed version: files and the rule sheet have other contents by now."""
    assert differences(marts(history.files[f"replay of {version}"]), marts(history.files[version])) == []


def test_a_replay_through_the_end_equals_the_published_marts(history: History) -> None:
    assert differences(marts(history.files["replay of today"]), marts(history.files["3"])) == []


def marts(path: Path) -> dict[str, Any]:
    return {name: rows for name, rows in read_marts(path).items() if name not in OWN}


def test_the_published_file_says_what_its_publication_changed(history: History) -> None:
    with duckdb.connect(str(history.files["2"]), read_only=True) as con:
        columns = f"channel_path, campaign_name, model, cause, {', '.join(MEASURES)}"
        reported = con.execute(f"SELECT {columns} FROM rpt_changes").fetchall()
        assert Counter(reported) == Counter(history.compared("1", "2").changes)
        [(version, explanation)] = con.execute(
            "SELECT DISTINCT version_before, explanation FROM rpt_changes"
        ).fetchall()
        assert version == 1
        # The generated datasets can delete others.
        assert re.search(r"(?<!\d)[1-9]\d* deleted in salesforce/Contact", explanation)
        described = con.execute(
            "SELECT count(description) FROM docs_columns WHERE table_name = 'rpt_changes'"
        ).fetchall()
        assert described == [(len(describe.CHANGES),)]
    assert duckdb.connect(str(history.files["1"]), read_only=True).sql("FROM rpt_changes").fetchall() == []


def test_the_page_shows_what_the_last_publication_changed(history: History) -> None:
    page = report.write(history.project.settings).path.read_text(encoding="utf-8")
    section = page.split("What did the last publication change, and why?</h2>")[1].split("</table>")[0]
    assert "Since version 2: seed channel_rules, line 2: added" in section
    [row] = [line for line in section.splitlines() if "Paid Social.Partners" in line and "<tr>" in line]
    assert re.findall("<td[^>]*>([^<]*)", row) == ["rules", "+0", "+1", "+1,000", "+0"]


def test_versions_are_named_by_number_and_the_last_two_are_the_default(history: History) -> None:
    settings, files = history.project.settings, history.files
    assert describe.chosen(settings, None, None) == (files["2"], files["3"])
    assert describe.chosen(settings, "1", None) == (files["1"], files["3"])
    assert describe.chosen(settings, "1", "2") == (files["1"], files["2"])
    assert describe.chosen(settings, None, "preview") == (files["3"], files["preview"])
    assert describe.chosen(settings, "replay.1.rules-1", "1") == (files["replay of 1"], files["1"])
    with pytest.raises(Exception, match="There is no version '9'"):
        describe.chosen(settings, "9", None)


def test_the_report_names_causes_and_cuts_long_lists(history: History) -> None:
    text = history.compared("1", "3").report
    assert "From version 1 to version 3." in text
    assert f"  rule: seed channel_rules, line 2: added {RULE}" in text
    assert "more (ROWS=" in text


@pytest.mark.parametrize(
    ("through", "problem"),
    [
        ("yesterday", "THROUGH is 'yesterday'. Allowed: a UTC day"),
        ("99", "through 99. Landings that can: 1 ("),
        ("2020-01-01", "can: 1 ("),
    ],
)
def test_a_replay_of_nothing_is_refused(history: History, through: str, problem: str) -> None:
    with pytest.raises(Exception, match=r"THROUGH|replayed") as refused:
        rebuild.replay(history.project.settings, through, None, say)
    assert problem in str(refused.value)


def test_rules_of_an_unknown_version_are_refused(history: History) -> None:
    with pytest.raises(Exception, match="RULES is '9': no such version is recorded"):
        rebuild.replay(history.project.settings, "1", "9", say)


def test_rules_that_are_no_version_are_refused(history: History) -> None:
    with pytest.raises(UserError, match=r"RULES is '\.\./1': write the number of a version"):
        rebuild.replay(history.project.settings, "1", "../1", say)


def compare_all(settings: Settings, files: dict[str, Path]) -> None:
    with comparison.compared(settings, files["1"], files["3"], say) as found:
        describe.report(found)


COMMANDS: dict[str, Callable[[History], None]] = {
    "compare": lambda history: compare_all(history.project.settings, history.files),
    "preview": lambda history: void(
        rebuild.preview(history.project.settings, history.files["3"], say, **options(history.project))
    ),
    "replay": lambda history: void(
        rebuild.replay(history.project.settings, "2", None, say, **options(history.project))
    ),
}


def void(result: object) -> None:
    """For commands that return something."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_killed_command_leaves_the_published_marts_untouched(
    history: History, command: str, full_tests: bool
) -> None:
    chance = random.Random(command)
    before = files(history.project)
    rows = history.project.query("SELECT count(*) AS rows FROM warehouse.raw_web.sessions")
    for _ in range(20 if full_tests else 2):
        process = FORK.Process(target=COMMANDS[command], args=(history,))
        process.start()
        time.sleep(chance.uniform(0.1, 3))
        process.kill()
        process.join()
        assert files(history.project) == before
        assert history.project.query("SELECT count(*) AS rows FROM warehouse.raw_web.sessions") == rows
