"""sources.yml: its allowed content, and the tables that it feeds."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.defs.live.assets import live_keys
from orchestration.lib import own_settings
from orchestration.lib.landing.contract import read_sources
from orchestration.lib.settings import PROJECT_DIR, Settings
from orchestration.lib.sources import configured, run, stores
from orchestration.lib.sources.configured import SourcesFileError
from tests.harness import settings_in

STORE = {"url": "s3://acme/x", "tables": ["web/sessions"]}
DATABASE = {"url_variable": "URL", "cursor": "updated_at", "tables": {"salesforce/Task": "salesforce.task"}}
SALESFORCE = {
    "CALL_ATTRIBUTION_SALESFORCE_DOMAIN": "acme.my.salesforce.com",
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_ID": "id",
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET": "secret",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "config").mkdir()
    return settings_in(tmp_path, config_dir=tmp_path / "config")


def write(settings: Settings, document: Any) -> None:
    assert settings.config_dir
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    (settings.config_dir / "sources.yml").write_text(text)


def test_named_tables_are_live_assets_and_not_read_by_api(settings: Settings) -> None:
    assert run.live_tables(settings, {}) == []
    write(settings, {"object_store": STORE, "databases": [DATABASE]})
    own_settings.check(settings)
    assert [key.to_user_string() for key in live_keys(settings, {}).values()] == [
        "live/salesforce/Task",
        "live/web/sessions",
    ]
    tables = run.live_tables(settings, SALESFORCE)
    assert len(tables) == 15
    by_api = [table.folder for table in run._by_api(settings, tables)]
    assert "salesforce/Lead" in by_api and "salesforce/Task" not in by_api and "web/sessions" not in by_api


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("a: [", "sources.yml, line 1: not readable as YAML"),
        ({"object_stores": STORE}, "the file may have databases, object_store; object_stores is not known"),
        ({"object_store": STORE | {"key": "secret"}}, "object_store may have tables, url; key is not known"),
        (
            {"object_store": STORE | {"url": "https://user:secret@acme/x"}},
            "url of object_store is missing or has a wrong",
        ),
        ({"object_store": STORE | {"url": "s3://user:secret@acme"}}, "url of object_store is missing or has a wrong"),
        ({"object_store": STORE | {"tables": []}}, "tables of object_store is missing or has a wrong value"),
        (
            {"object_store": STORE | {"tables": ["web/visits"]}},
            "names the table 'web/visits'. Tables that are landed: ",
        ),
        ({"object_store": STORE | {"tables": ["web/ga4_events"]}}, "another web tracker need variable web_tracker"),
        ({"object_store": STORE | {"tables": ["salesforce/Task"]}, "databases": [DATABASE]}, "salesforce/Task twice"),
        ({"databases": DATABASE}, "Allowed: a list of entries"),
        (
            {"databases": [DATABASE | {"url_variable": "postgresql://u:secret@h"}]},
            "the name of an environment variable",
        ),
        ({"databases": [DATABASE | {"cursor": "a; drop"}]}, "cursor is missing or has a wrong value"),
        (
            {"databases": [DATABASE | {"tables": {"salesforce/Task": "a.b; drop"}}]},
            "names of tables, with their schema",
        ),
    ],
)
def test_a_wrong_entry_is_named_without_its_value(settings: Settings, document: Any, message: str) -> None:
    write(settings, document)
    with pytest.raises(SourcesFileError) as error:
        configured.read(settings, read_sources(PROJECT_DIR))
    assert message in str(error.value) and "secret" not in str(error.value)


def test_names_of_objects_become_names_of_files() -> None:
    table = next(one for one in read_sources(PROJECT_DIR) if one.folder == "web/sessions")
    assert stores.name_of("a/b c.csv.gz", table) == "a%2Fb%20c.csv.gz"
    assert [stores.name_of(key, table) for key in ("../a.csv", "_x/a.csv", "a.csv.tmp", "a.txt", ".a.csv")] == [
        None
    ] * 5
    long = [stores.name_of(f"{'é' * 300}{number}.parquet", table) or "" for number in (1, 2)]
    assert len(set(long)) == 2 and all(len(name) < 220 and name.endswith(".parquet") for name in long)
