"""The views with Marketo Measure's names: what they are called, what they hold, who can open them."""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.lib.settings import PROJECT_DIR
from tests.biz import dataset
from tests.harness import Project

HERE = Path(__file__).parent

# The types of Marketo Measure's warehouse, as a DuckDB file has them.
TYPES = {
    "varchar": "VARCHAR",
    "varchar(1)": "VARCHAR",
    "boolean": "BOOLEAN",
    "timestamp_ntz": "TIMESTAMP",
    "date": "DATE",
    "number(38,0)": "DECIMAL(38,0)",
    "number(38,8)": "DECIMAL(38,8)",
    "number(38,19)": "DECIMAL(38,12)",
    "number(38,35)": "DECIMAL(38,12)",
    "number(22,19)": "DECIMAL(22,12)",
}


def row_key(text: str) -> int:
    """R19.4: the first 15 hexadecimal digits of the digest."""
    return int(hashlib.md5(text.encode()).hexdigest()[:15], 16)


def documented() -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every view, as Marketo Measure's warehouse lists them."""
    views: dict[str, list[tuple[str, str]]] = {}
    with open(HERE / "columns.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            views.setdefault(row["view"], []).append((row["column"], row["type"]))
    return views


@pytest.mark.parametrize("view", documented())
def test_columns_have_the_documented_order_names_and_types(built: Project, view: str) -> None:
    columns = built.query_published(
        "select column_name, data_type from information_schema.columns where table_name = ? order by ordinal_position",
        [view],
    )
    expected = [(column, TYPES[type]) for column, type in documented()[view]]
    assert [(column["column_name"], column["data_type"]) for column in columns] == expected
    described = built.query_published(f"select column_name, column_type from (describe {view})")
    assert [tuple(column.values()) for column in described] == expected


def test_the_project_has_every_view_and_lists_its_types() -> None:
    models = {}
    for path in (PROJECT_DIR / "models/marts/biz").rglob("*__models.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            if model["name"].startswith("biz_"):
                models[model["name"]] = [(column["name"], column["data_type"]) for column in model["columns"]]
    assert models == documented()
    assert len(models) == 46


def test_misspelt_columns_stand_beside_the_right_ones(built: Project) -> None:
    """R19.0: queries for the real warehouse use the right names, and some copy those of Adobe's page."""
    pairs = {
        "biz_sessions": [("MODIFIED DATE", "MODIFIED_DATE")],
        "biz_touchpoints": [("ADVERISER_ROW_KEY", "ADVERTISER_ROW_KEY"), ("AD_GROUP_KEY", "AD_GROUP_ROW_KEY")],
        "biz_user_touchpoints": [("ADVERISER_ROW_KEY", "ADVERTISER_ROW_KEY"), ("AD_GROUP_KEY", "AD_GROUP_ROW_KEY")],
    }
    for view, names in pairs.items():
        for misspelt, right in names:
            assert built.query_published(f'select ID from {view} where "{misspelt}" is distinct from {right}') == []
            assert built.query_published(f"select count(*) as rows from {view}")[0]["rows"] > 0


def test_the_modified_date_is_that_of_the_newest_row_behind_a_touch(built: Project) -> None:
    """R19.1: session, Task and record count; without any version time it is the date of the touch."""
    dates = built.query_published(
        "select ID, MODIFIED_DATE from biz_user_touchpoints where EMAIL = 'ben@elsewhere.test' order by ID"
    )
    assert {row["MODIFIED_DATE"] for row in dates} == {datetime(2024, 3, 6, 8), datetime(2024, 3, 6, 9)}
    touch = "select MODIFIED_DATE from {} where EMAIL = 'anna@acme-customer.test' order by TOUCHPOINT_DATE"
    assert built.query_published(touch.format("biz_user_touchpoints")) == [
        {"MODIFIED_DATE": datetime(2024, 3, 1, 11)},
        {"MODIFIED_DATE": datetime(2024, 3, 5, 9)},
    ]
    assert built.query_published(touch.format("biz_touchpoints")) == [
        {"MODIFIED_DATE": datetime(2024, 3, 9)},
        {"MODIFIED_DATE": datetime(2024, 3, 9)},
    ]
    assert built.query_published(touch.format("biz_attribution_touchpoints")) == [
        {"MODIFIED_DATE": datetime(2024, 3, 21)},
        {"MODIFIED_DATE": datetime(2024, 3, 21)},
    ]
    stages = (
        "select STAGE, max(MODIFIED_DATE) as modified from biz_opp_stage_transitions where STAGE = 'Offer' group by 1"
    )
    assert built.query_published(stages) == [{"STAGE": "Offer", "modified": datetime(2024, 3, 22)}]
    contact = built.query_published("select MODIFIED_DATE from biz_contacts")
    assert contact == [{"MODIFIED_DATE": datetime(2024, 3, 8)}]


@pytest.mark.parametrize(
    "view",
    [
        "biz_accounts",
        "biz_attribution_touchpoints",
        "biz_contacts",
        "biz_crm_tasks",
        "biz_leads",
        "biz_opportunities",
        "biz_page_views",
        "biz_sessions",
        "biz_touchpoints",
        "biz_user_touchpoints",
    ],
)
def test_filters_of_reports_find_rows(built: Project, view: str) -> None:
    """Adobe's templates load rows modified since a date."""
    rows = built.query_published(f"select MODIFIED_DATE >= timestamp '2000-01-01' as recent, ID from {view}")
    assert rows and [row for row in rows if not row["recent"]] == []


def test_custom_properties_are_the_columns_that_the_contract_does_not_name(built: Project) -> None:
    """R19.3: filled columns only, in byte order, whatever their names contain."""
    properties = built.query_published("select CUSTOM_PROPERTIES as text from biz_accounts")[0]["text"]
    assert list(json.loads(properties).items()) == [('It\'s {{ odd }} "name"', "ü"), ("Tier__c", 'gold "A"')]
    assert built.query_published("select ID from biz_contacts where CUSTOM_PROPERTIES is not null") == []


# R19.4: the view that a key joins, by the name of the key without ROW_KEY or KEY.
KEYS = {
    "ACCOUNT": "biz_ad_accounts",
    "AD": "biz_ads",
    "ADVERISER": "biz_advertisers",
    "ADVERTISER": "biz_advertisers",
    "AD_ACCOUNT": "biz_ad_accounts",
    "AD_GROUP": "biz_ad_groups",
    "AD_PROVIDER": "biz_ad_providers",
    "ATP": "biz_attribution_touchpoints",
    "CAMPAIGN": "biz_ad_campaigns",
    "CHANNEL": "biz_channels",
    "COST": "biz_costs",
    "CONTACT": "biz_contacts",
    "CREATIVE": "biz_creatives",
    "CURRENT_PAGE": "biz_urls",
    "FORM_PAGE": "biz_urls",
    "FORM_SUBMIT": "biz_form_submits",
    "KEYWORD": "biz_keywords",
    "LANDING_PAGE": "biz_urls",
    "LEAD": "biz_leads",
    "OPPORTUNITY": "biz_opportunities",
    "PAGE_VIEW": "biz_page_views",
    "PLACEMENT": "biz_placements",
    "REFERRER_PAGE": "biz_urls",
    "SESSION": "biz_sessions",
    "SITE": "biz_sites",
}
# Nothing in the dataset has these.
WITHOUT_ROWS = {"CATEGORY", "IMPRESSION"}


def keys() -> list[tuple[str, str, str]]:
    """Every column that is a key, with its view and the view that it joins."""
    found = []
    for view, columns in documented().items():
        for column, _ in columns:
            name = column.removesuffix("_KEY").removesuffix("_ROW")
            if column.endswith("_KEY") and column not in ("ROW_KEY", "GROUPING_KEY"):
                if name == "TP":
                    found += [(view, column, "biz_touchpoints"), (view, column, "biz_user_touchpoints")]
                elif name.split("_")[0] not in WITHOUT_ROWS:
                    found.append((view, column, KEYS[name]))
    return found


def test_every_key_joins_one_row(built: Project) -> None:
    """R19.4: of the views that it names; and most names occur in the dataset."""
    joined = set()
    for view in dict.fromkeys(view for view, _, _ in keys()):
        # One query per view: to plan biz_facts takes as long as to read it.
        own = [(column, parent) for name, column, parent in keys() if name == view]
        kinds = {"biz_touchpoints": "TYPE = 3", "biz_user_touchpoints": "TYPE = 4"}
        counts = []
        for number, (column, parent) in enumerate(own):
            condition = f"{column} is not null" + (f" and {kinds[parent]}" if column == "TP_KEY" else "")
            counts.append(f"count_if({condition}) as named_{number}")
            counts.append(f"count_if({condition} and {column} in (select ROW_KEY from {parent})) as found_{number}")
        found = built.query_published(f"select {', '.join(counts)} from {view}")[0]
        for number, (column, parent) in enumerate(own):
            assert found[f"named_{number}"] == found[f"found_{number}"], (view, column)
            if found[f"named_{number}"]:
                joined.add(parent)
    assert {*KEYS.values(), "biz_touchpoints", "biz_user_touchpoints"} - joined == set()
    for parent in joined:
        repeated = f"select ROW_KEY from {parent} group by ROW_KEY having count(*) > 1 or ROW_KEY is null"
        assert built.query_published(repeated) == [], parent


def test_costs_are_as_landed_and_those_of_the_sheet_by_day(built: Project) -> None:
    """R19.5, and Adobe's filter of its Power BI template adds each cost once."""
    ads = built.query_published(
        "select ID, COST_IN_MICRO, CLICKS, CAMPAIGN_IS_AGGREGATABLE_COST as by_campaign, _DELETED_DATE as deleted"
        " from biz_costs where AD_PROVIDER is distinct from 'SelfReported' order by ID"
    )
    assert [tuple(row.values()) for row in ads] == [
        ("cost-1", 1500000, 3, True, None),
        ("cost-2", 1500000, None, False, None),
        ("cost-3", 1, None, False, datetime(2024, 3, 2)),
    ]
    total = built.query_published(
        "select sum(COST_IN_MICRO) as micro, count(*) as days from biz_costs where _DELETED_DATE is null"
        " and case AD_PROVIDER when 'SelfReported' then CHANNEL_IS_AGGREGATABLE_COST"
        " else CAMPAIGN_IS_AGGREGATABLE_COST end"
    )
    assert total == [{"micro": 30500000, "days": 30}]
    assert built.query_published("select sum(cost_micro) as micro from fct_costs") == [{"micro": 30500000}]
    facts = built.query_published("select sum(COST_IN_MICRO) as micro, sum(CLICKS) as clicks from biz_facts")
    assert facts == [{"micro": 32000001, "clicks": 3}]


def test_views_without_a_source_are_empty(built: Project) -> None:
    """R19.5"""
    empty = sorted(path.stem for path in (PROJECT_DIR / "models/marts/biz/empty").glob("*.sql"))
    assert len(empty) == 12
    assert [view for view in empty if built.query_published(f"select 1 from {view} limit 1")] == []


def test_ads_are_those_of_sessions_and_campaigns_of_the_crm(built: Project) -> None:
    """R19.5: one row per id; the name of the session that changed last counts."""
    rows = built.query_published("select ID, NAME, AD_ACCOUNT_NAME from biz_ad_campaigns order by ID")
    assert [tuple(row.values()) for row in rows] == [
        (dataset.CAMPAIGN, "Fair", None),
        ("aw.1.2", "Brand Austria", "Main account"),
        ("ba.1", "Freezers", None),
    ]
    providers = built.query_published("select ID from biz_ad_providers order by ID")
    assert [row["ID"] for row in providers] == ["Bing", "Google", "SelfReported"]
    keyword = built.query_published("select NAME, AD_GROUP_NAME, AD_CAMPAIGN_UNIQUE_ID from biz_keywords")
    assert [tuple(row.values()) for row in keyword] == [("freezers", "Freezers", "aw.1.2")]


def test_urls_are_split_into_their_parts(built: Project) -> None:
    rows = built.query_published("select ID, SCHEME, HOST, PATH, PORT, PAGE_TITLE from biz_urls order by ID")
    assert {row["ID"]: tuple(row.values())[1:] for row in rows} == {
        "www.acme.test/": ("https", "www.acme.test", "/", None, None),
        "www.acme.test/demo": ("https", "www.acme.test", "/demo", None, "Demo"),
        "www.acme.test/prices": ("https", "www.acme.test", "/prices", None, None),
        "www.acme.test/thanks": ("https", "www.acme.test", "/thanks", None, None),
        "www.google.com/search": ("https", "www.google.com", "/search", None, None),
        "www.linkedin.com:8443/feed": ("https", "www.linkedin.com", "/feed", "8443", None),
    }


def test_facts_are_the_rows_of_the_views(built: Project) -> None:
    """R19.5: all types but impressions, with the measures of their views."""
    counted = built.query_published("select TYPE as type, count(*) as facts from biz_facts group by TYPE")
    expected = {
        type: built.query_published(f"select count(*) as rows from {view}")[0]["rows"]
        for type, view in {
            1: "biz_attribution_touchpoints",
            2: "biz_costs",
            3: "biz_touchpoints",
            4: "biz_user_touchpoints",
            5: "biz_page_views",
            6: "biz_sessions",
            7: "biz_form_submits",
        }.items()
    }
    assert {row["type"]: row["facts"] for row in counted} == expected
    credit = built.query_published(
        "select cast(sum(AMOUNT * FULL_PATH_PERCENTAGE / 100) as decimal(18, 2)) as revenue,"
        " max(OPP_CLOSE_DATE) as closed from biz_facts where IS_WON and IS_OPP_CLOSED"
    )
    assert credit == [{"revenue": Decimal("5000000000.00"), "closed": datetime(2024, 3, 20)}]


def test_accounts_have_the_addresses_of_their_live_contacts(built: Project) -> None:
    rows = built.query_published("select ID, EMAIL, MODIFIED_DATE, CREATED_DATE from biz_account_to_emails")
    assert [tuple(row.values()) for row in rows] == [
        (
            f"{dataset.ACCOUNT}_anna@acme-customer.test",
            "anna@acme-customer.test",
            datetime(2024, 3, 8),
            datetime(2024, 3, 5, 10),
        )
    ]


def test_events_and_currencies_are_those_of_salesforce(built: Project) -> None:
    event = built.query_published(
        "select CONTACT_EMAIL, EVENT_START_DATE, EVENT_END_DATE, CUSTOM_PROPERTIES from biz_crm_events"
    )
    assert [tuple(row.values()) for row in event] == [
        ("anna@acme-customer.test", datetime(2024, 3, 10, 9), datetime(2024, 3, 10, 10), '{"Room__c":"4"}')
    ]
    currency = built.query_published(
        "select ISO_CODE, IS_CORPORATE, IS_ENABLED, EXPONENT, c.ID = o.CURRENCY_ID as joins"
        " from biz_currencies as c, biz_opportunities as o limit 1"
    )
    assert [tuple(row.values()) for row in currency] == [("EUR", True, True, 2, True)]


def test_ids_have_the_documented_forms_and_join(built: Project) -> None:
    email = "anna@acme-customer.test"
    touch = built.query_published(
        "select * from biz_touchpoints where CONTACT_ID = ? order by TOUCHPOINT_DATE limit 1", [dataset.CONTACT]
    )[0]
    assert touch["ID"] == f"TP2_Person_{dataset.CONTACT}_{dataset.FIRST}"
    assert touch["USER_TOUCHPOINT_ID"] == f"{email}_{dataset.FIRST}"
    assert touch["UNIQUE_ID_PERSON"] == f"Person_{dataset.CONTACT}"
    assert touch["VISITOR_ID"] == f"v_{dataset.ANNA}"
    assert built.query_published(
        "select ID from biz_touchpoints where LEAD_ID = ? and LANDING_PAGE is null", [dataset.LEAD]
    ) == [{"ID": f"TP2_Person_{dataset.LEAD}_{dataset.SEPARATE}"}]
    assert built.query_published(
        "select ID from biz_attribution_touchpoints where IS_FIRST_TOUCH and OPPORTUNITY_ID = ?", [dataset.OPPORTUNITY]
    ) == [{"ID": f"BAT2_{dataset.OPPORTUNITY}_{dataset.CONTACT}_{dataset.FIRST}"}]
    for child, key, parent in (
        ("biz_touchpoints", "USER_TOUCHPOINT_ID", "biz_user_touchpoints"),
        ("biz_attribution_touchpoints", "USER_TOUCHPOINT_ID", "biz_user_touchpoints"),
        ("biz_user_touchpoints", "CHANNEL", "biz_channels"),
        ("biz_lead_stage_transitions", "TOUCHPOINT_ID", "biz_touchpoints"),
        ("biz_opp_stage_transitions", "TOUCHPOINT_ID", "biz_attribution_touchpoints"),
    ):
        orphans = f"select {key} from {child} where {key} is null or {key} not in (select ID from {parent})"
        assert built.query_published(orphans) == [], child
        assert built.query_published(f"select count(*) as rows from {child}")[0]["rows"] > 0, child


def test_a_touch_that_came_through_another_address_has_that_address(built: Project) -> None:
    """R5.2: the converted Lead's address is the Contact's too; the touch is known by both, the record's own wins."""
    rows = built.query_published("select EMAIL from biz_touchpoints where CONTACT_ID = ?", [dataset.CONTACT])
    assert {row["EMAIL"] for row in rows} == {"anna@acme-customer.test"}
    people = built.query_published("select distinct EMAIL from biz_user_touchpoints order by EMAIL")
    assert [row["EMAIL"] for row in people] == [
        "anna.private@mail.test",
        "anna@acme-customer.test",
        "ben@elsewhere.test",
    ]


def test_sessions_show_what_the_export_said(built: Project) -> None:
    session = built.query_published("select * from biz_sessions where ID = ?", [dataset.FIRST])[0]
    shown = {
        "COOKIE_ID": dataset.ANNA,
        "EVENT_DATE": datetime(2024, 3, 1, 10),
        "MODIFIED DATE": datetime(2024, 3, 1, 11),
        "IS_FIRST_SESSION": True,
        "CHANNEL": "Paid Search.AdWords",
        "LANDING_PAGE": "www.acme.test/demo",
        "REFERRER_PAGE_RAW": "https://www.google.com/search?q=acme",
        "AD_PROVIDER": "Google",
        "SITE_NAME": "Search network",
        "CREATIVE_UNIQUE_ID": "aw.1.2.3.4",
        "AD_UNIQUE_ID": None,
        "SOURCE": "google",
        "MEDIUM": "CPC",
        "HAS_FORM": False,
        "ROW_KEY": row_key(dataset.FIRST),
        "CREATIVE_ROW_KEY": row_key("aw.1.2.3.4"),
        "LANDING_PAGE_KEY": row_key("www.acme.test/demo"),
        "AD_ROW_KEY": None,
        "HAS_CRM_ACTIVITY": True,
        "MODIFIED_DATE": datetime(2024, 3, 1, 11),
        "_CREATED_DATE": datetime(2024, 3, 2),
        "_DELETED_DATE": None,
    }
    assert {name: session[name] for name in shown} == shown
    flags = built.query_published(
        "select HAS_FORM, HAS_CHAT, HAS_EMAIL, HAS_CRM_ACTIVITY from biz_sessions order by EVENT_DATE"
    )
    assert [tuple(row.values()) for row in flags] == [
        (False, False, False, True),
        (True, False, True, False),
        (False, True, True, False),
    ]


def test_touches_show_browser_and_form(built: Project) -> None:
    rows = built.query_published(
        "select BROWSER_NAME, BROWSER_VERSION, PLATFORM_NAME, PLATFORM_VERSION, FORM_PAGE_RAW, FORM_DATE,"
        " MARKETING_TOUCH_TYPE from biz_user_touchpoints"
        " where EMAIL = 'anna@acme-customer.test' order by TOUCHPOINT_DATE"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Chrome", "65.0", "Windows", "6.1", None, None, "Phone Call"),
        (None, None, None, None, "https://www.acme.test/prices?form=1", datetime(2024, 3, 5, 9, 3), "Web Form"),
    ]


def test_percentages_are_on_the_scale_to_100_and_multiply_with_large_amounts(built: Project) -> None:
    rows = built.query_published(
        """
        select
            cast(sum(o.AMOUNT * b.FULL_PATH_PERCENTAGE / 100) as decimal(18, 2)) as full_path,
            sum(b.W_SHAPE_PERCENTAGE) as w_shaped,
            sum(o.AMOUNT * b.FIRST_CLICK_PERCENTAGE) as raw
        from biz_attribution_touchpoints as b
        inner join biz_opportunities as o on o.ID = b.OPPORTUNITY_ID
        """
    )
    assert rows[0]["full_path"] == Decimal("5000000000.00")
    assert rows[0]["w_shaped"] == 100
    assert rows[0]["raw"] == 500000000000


def test_deleted_rows_have_a_date_and_live_rows_have_none(built: Project) -> None:
    def live(view: str) -> list[str]:
        rows = built.query_published(f"select ID from {view} where _DELETED_DATE is null order by ID")
        return [row["ID"] for row in rows]

    assert live("biz_sessions") == [dataset.FIRST, dataset.SECOND, dataset.BENS]
    assert live("biz_crm_tasks") == [dataset.MERGED, dataset.SEPARATE, dataset.WITHOUT_ID]
    assert live("biz_leads") == [dataset.LEAD, dataset.CONVERTED]
    assert live("biz_page_views") == ["page-1"]
    assert built.query_published(
        "select IS_DELETED, _DELETED_DATE from biz_crm_tasks where ID = ?", [dataset.DELETED]
    ) == [{"IS_DELETED": True, "_DELETED_DATE": datetime(2024, 3, 9, 9)}]


def test_records_are_those_of_salesforce(built: Project) -> None:
    task = built.query_published("select * from biz_crm_tasks where ID = ?", [dataset.MERGED])[0]
    assert (task["CONTACT_ID"], task["CONTACT_EMAIL"]) == (dataset.CONTACT, "anna@acme-customer.test")
    assert (task["BIZIBLE_COOKIE_ID"], task["ACTIVITY_TYPE"]) == (dataset.ANNA, "Call")
    account = built.query_published("select DOMAIN, COUNTRY from biz_accounts")[0]
    assert account == {"DOMAIN": "acme-customer.test", "COUNTRY": "Austria"}
    assert built.query_published("select JOB_TITLE from biz_contacts") == [{"JOB_TITLE": "Head of Laboratory"}]
    opportunity = built.query_published("select * from biz_opportunities where ID = ?", [dataset.OPPORTUNITY])[0]
    assert opportunity["BIZIBLE_STAGE_PREVIOUS"] == "Open, Offer"
    assert opportunity["AMOUNT"] == Decimal("5000000000")
    member = built.query_published(
        "select CAMPAIGN_NAME, CAMPAIGN_TYPE, CONTACT_EMAIL, HAS_RESPONDED, CAMPAIGN_SYNC_TYPE, LEAD_SYNC_STATUS,"
        " CONTACT_SYNC_STATUS from biz_campaign_members"
    )
    assert [tuple(row.values()) for row in member] == [
        ("Fair", "Event", "anna@acme-customer.test", True, "Exclude_All", None, "No Touchpoint: Not synced")
    ]
    rates = built.query_published(
        "select SOURCE_ISO_CODE, CONVERSION_RATE, END_DATE from biz_conversion_rates order by START_DATE"
    )
    assert [tuple(row.values()) for row in rates] == [
        ("EUR", Decimal("1.00000000"), datetime(2024, 6, 1)),
        ("EUR", Decimal("1.00000000"), None),
    ]


def test_stages_and_transitions(built: Project) -> None:
    stages = built.query_published("select ID, STAGE_NAME from biz_stage_definitions order by RANK")
    assert [tuple(row.values()) for row in stages] == [
        ("_bizible_FT", "FT"),
        ("_bizible_LC", "LC"),
        ("_bizible_OC", "OC"),
        ("Offer", "Offer"),
        ("_bizible_Closed", "Closed"),
    ]
    transitions = built.query_published(
        "select STAGE, TRANSITION_DATE, PREVIOUS_STAGE_DATE from biz_opp_stage_transitions"
        " where not IS_NON_TRANSITIONAL order by RANK"
    )
    assert [tuple(row.values()) for row in transitions] == [
        ("FT", datetime(2024, 3, 1, 10), None),
        ("LC", datetime(2024, 3, 1, 10), datetime(2024, 3, 1, 10)),
        ("OC", datetime(2024, 3, 5, 12), datetime(2024, 3, 1, 10)),
        ("Offer", datetime(2024, 3, 6, 12), datetime(2024, 3, 5, 12)),
        ("Closed", datetime(2024, 3, 20), datetime(2024, 3, 6, 12)),
    ]


def test_the_file_works_under_any_name(built: Project, tmp_path: Path) -> None:
    """A copy in another place, attached under another name, in a process of its own, read-only."""
    copy = tmp_path / "what ever.duckdb"
    shutil.copy(built.settings.marts, copy)
    code = f"""
import duckdb
with duckdb.connect() as connection:
    connection.execute("ATTACH '{copy}' AS \\"the copy\\" (READ_ONLY)")
    views = connection.execute("SELECT view_name FROM duckdb_views() WHERE database_name = 'the copy'").fetchall()
    for (view,) in views:
        connection.execute(f'SELECT * FROM "the copy".{{view}}').fetchall()
    connection.execute('USE "the copy"')
    print(len(views), connection.execute("SELECT count(*) FROM explain_call('{dataset.MERGED}')").fetchone()[0])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    views, steps = map(int, result.stdout.split())
    assert views >= 6
    assert steps > 6
    with duckdb.connect(str(copy), read_only=True) as connection:
        definitions = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert not [sql for (sql,) in definitions if "marts." in sql or "warehouse" in sql]
    assert "v1.0.0" in str(tags)
