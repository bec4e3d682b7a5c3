"""Own seeds and variables in a folder outside the checkout."""

from pathlib import Path

import pytest
import yaml

from orchestration.lib import own_settings
from orchestration.lib.build import dbt, fingerprint, preflight
from orchestration.lib.errors import UserError
from orchestration.lib.landing import read_sources
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, plain_manifest, settings_in

SHIPPED = PROJECT_DIR / "seeds"


@pytest.fixture
def settings(tmp_path: Path):
    (tmp_path / "config").mkdir()
    return settings_in(tmp_path, config_dir=tmp_path / "config")


@pytest.mark.slow
def test_own_files_replace_shipped_ones_and_cause_a_full_refresh(tmp_path: Path):
    """Own rule sheet and own variable are in effect; the checkout does not change."""
    project = Project(tmp_path, config_dir=tmp_path / "config")
    shipped = {path.name: path.read_bytes() for path in SHIPPED.glob("*.csv")}
    project.write_seed(
        "channel_rules", (SHIPPED / "channel_rules.csv").read_text().splitlines()[0] + "\nRadio,,,,fm,,,\n"
    )
    (tmp_path / "config" / "variables.yml").write_text("call_session_window_minutes: 45\n")
    page = "https://www.acme.example/?utm_source=fm"
    cookie = "0" * 32
    project.write(
        "web/sessions",
        [{"ID": "s", "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-01 10:00:00", "LANDING_PAGE_RAW": page}],
    )
    project.write(
        "salesforce/Task",
        [{"Id": "00T000000000001", "CreatedDate": "2024-05-01T10:40:00Z", "bizible2__BizibleId__c": cookie}],
    )
    project.land()
    project.build()
    assert project.query("select verdict, channel from fct_calls") == [{"verdict": "merged", "channel": "Radio"}]
    [variable] = project.query("select * from docs_variables where variable = 'call_session_window_minutes'")
    assert "45" in map(str, variable.values())

    project.build(incremental=True)
    assert project.plan.kind == "nothing"
    project.write_seed("channel_rules", "Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website\n")
    (tmp_path / "config" / "variables.yml").write_text("call_session_window_minutes: 30\n")
    project.build(incremental=True)
    assert project.plan.reason == "seed channel_rules changed; variable call_session_window_minutes is 30, it was 45"
    assert project.query("select verdict, channel from fct_calls") == [
        {"verdict": "separate_outside_window", "channel": "Other"}
    ]
    assert {path.name: path.read_bytes() for path in SHIPPED.glob("*.csv")} == shipped


def test_values_of_any_kind_have_a_fingerprint(settings, tmp_path):
    """YAML reads 2024-01-01 as a date. The check of variables refuses the value later, in a user's words."""
    (tmp_path / "config" / "variables.yml").write_text("own_hosts: [null, 1, 2024-01-01]\n")
    parts = fingerprint.fingerprint(settings, plain_manifest(), {})
    assert parts["variable own_hosts"] == '[null, 1, "2024-01-01"]'


def test_the_starting_point_is_complete_and_changes_nothing(settings):
    before = fingerprint.fingerprint(settings, plain_manifest(), {})
    written = list(own_settings.write_starting_point(settings))
    assert [path.name for path in written] == ["variables.yml", "channel_rules.csv"]
    preflight.own_settings.check(settings)
    assert fingerprint.fingerprint(settings, plain_manifest(), {}) == before
    text = written[0].read_text()
    names = own_settings.documented_variables(settings)
    uncommented = "".join(f"{line[1:]}\n" for line in text.splitlines() if line[:1] == "#" and line[1:2] != " ")
    assert yaml.safe_load(uncommented) == {name: variable["default"] for name, variable in names.items()}


def test_the_fields_that_variables_name_have_a_table_and_a_type(settings):
    (settings.config_dir / "variables.yml").write_text(
        "call_time_ladder: CreatedDate\nopportunity_amount_fields: [Real__c, Amount]\n"
    )
    # A text in place of a list is reported by the check of variables.
    assert own_settings.named_fields(settings) == {
        "salesforce/Opportunity": {"Real__c": "number", "Amount": "number"},
    }
    contract = {table.folder: table for table in read_sources(PROJECT_DIR)}
    assert own_settings.named_fields(settings).keys() <= contract.keys()


def test_the_starting_point_keeps_what_is_there(settings):
    own = settings.config_dir / "variables.yml"
    own.write_text("dedupe_calls: false\n")
    assert [path.name for path in own_settings.write_starting_point(settings)] == ["channel_rules.csv"]
    assert list(own_settings.write_starting_point(settings)) == []
    assert own.read_text() == "dedupe_calls: false\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("channel_rule.csv", "", r"channel_rule\.csv has no effect\. .*channel_rules\.csv"),
        ("variable.yml", "", r"variable\.yml has no effect"),
        ("variables.yml", "call_window: 30\n", r"no variable 'call_window'.*call_session_window_minutes"),
        (
            "variables.yml",
            "own_hosts: []\ndedupe_calls: true\nown_hosts: [a.com]\n",
            r"line 3: .*'own_hosts' is set twice",
        ),
        ("CHANNEL_RULES.CSV", "", r"CHANNEL_RULES\.CSV has no effect"),
        ("variables.yml", "- 30\n", "one `name: value` per line"),
        ("variables.yml", "dedupe_calls: [\n", r"variables\.yml, line 2: not readable as YAML"),
        ("stages.csv", "stage,object,stage_order\nIntér\xeat,Lead,1\n".encode("latin-1"), r"line 2: not UTF-8"),
        ("channel_rules.csv", "Channel\n".encode("utf-16"), r"line 1: not UTF-8.*CSV UTF-8, comma delimited"),
        ("offline_channels.csv", "campaign_type;channel;subchannel\n", r"line 1: column campaign_type, .*not with ';'"),
        ("task_type_map.csv", "task_type\tmarketing_touch_type\n", r"line 1: column task_type, .*not with '\\t'"),
        ("ignored_referrers.csv", "", r"ignored_referrers\.csv, line 1: column host_pattern is missing"),
        ("social_networks.csv", "host_pattern\nx\n", r"line 1: column social_network is missing"),
        ("search_engines.csv", 'host_pattern,search_engine\n"a.com,A\nb,B\n', r"line 3: a quote is not closed"),
        ("search_engines.csv", 'host_pattern,search_engine\n"a"b,A\nb,B\n', r"line 2: a quote is not closed, or text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(settings, name: str, text: str | bytes, message: str):
    (settings.config_dir / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UserError, match=message):
        own_settings.check(settings)


def test_a_link_to_nothing_is_named(settings):
    (settings.config_dir / "channel_rules.csv").symlink_to("moved.csv")
    with pytest.raises(UserError, match=r"channel_rules\.csv is a link to a file that does not exist"):
        own_settings.check(settings)


def test_a_wrong_value_names_the_file_in_which_to_correct_it(settings):
    (settings.config_dir / "variables.yml").write_text("dedupe_calls: maybe\n")
    with pytest.raises(
        dbt.DbtError, match=rf"'dedupe_calls' is \"maybe\".*Set it in {settings.config_dir}/variables\.yml"
    ):
        dbt.check_variables(settings)


def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(own_settings.OwnSettingsError, match=r"not a folder.*make init"):
        own_settings.check(settings_in(tmp_path, config_dir=tmp_path / "nowhere"))


def test_init_without_the_setting_says_how(tmp_path: Path):
    with pytest.raises(own_settings.OwnSettingsError, match="CALL_ATTRIBUTION_CONFIG_DIR=~/call-attribution make init"):
        list(own_settings.write_starting_point(settings_in(tmp_path)))
