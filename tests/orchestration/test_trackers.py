"""Tables of other web trackers: which are landed, their keys and columns, files without a header."""

import gzip
from typing import Any

import duckdb
import pytest

from orchestration.lib import landing
from orchestration.lib.build import dbt
from orchestration.lib.changes import rebuild
from orchestration.lib.landing import LandingFailed
from orchestration.lib.landing.contract import WebTracker, read_sources
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project, plain_manifest

SAMPLES = PROJECT_DIR / "tests" / "samples"
SAMPLE = (SAMPLES / "snowplow_enriched.tsv").read_bytes()
TASK = {"Id": "00T000000000001", "bizible2__BizibleId__c": "c"}


def land(project: Project, table: str) -> landing.TableReport:
    with landing.connect(project.settings.warehouse) as con:
        (wanted,) = (one for one in landing.tables(project.settings) if one.folder == table)
        return landing.land_table(con, wanted, project.settings.landing_dir)


def rows(project: Project, columns: str, table: str) -> list[tuple[Any, ...]]:
    found = project.query(f"select {columns} from warehouse.raw_web.{table} order by _row_key")
    return [tuple(row.values()) for row in found]


def test_a_selected_tracker_replaces_the_tables_of_marketo_measure() -> None:
    def web(tracker: str) -> list[str]:
        return [one.name for one in read_sources(PROJECT_DIR, WebTracker(tracker)) if one.source == "web"]

    assert web("marketo_measure") == ["sessions", "page_views", "form_submits", "email_to_visitor_ids"]
    assert web("rudderstack") == ["rudderstack_pages", "rudderstack_tracks", "rudderstack_identifies"]
    assert web("ga4") == ["ga4_events"]


def test_nobody_else_sees_them_in_dbt() -> None:
    nodes = [node["name"] for node in plain_manifest()["nodes"].values()]
    sources = [source["name"] for source in plain_manifest()["sources"].values()]
    assert not {"form_events", "tracker_columns"} & set(nodes)
    assert not {"snowplow_events", "segment_pages", "ga4_events", "events"} & set(sources)


def test_a_parse_for_another_tracker_is_not_current(project: Project) -> None:
    """variables.yml is not among the files whose times show that a parse is old."""
    assert dbt._tracker_of(plain_manifest()) == "marketo_measure"
    assert dbt._tracker_of(plain_manifest("generic")) == "generic"


@pytest.mark.parametrize(
    ("tracker", "folder", "message"),
    [
        ("marketo_measure", "web/segment_pages", "web/segment_pages has files of Segment, but variable web_tracker is"),
        (
            "ga4",
            "web/page_views",
            "web/page_views has files of Marketo Measure, but variable web_tracker is ga4. Set",
        ),
    ],
)
def test_files_of_another_tracker_are_refused(project: Project, tracker: str, folder: str, message: str) -> None:
    project.write_variables(web_tracker=tracker)
    project.write("salesforce/Task", [TASK])
    project.write(folder, [{"ID": "secret"}])
    with pytest.raises(LandingFailed) as error:
        project.land()
    assert message in str(error.value) and "move the folder away" in str(error.value)
    assert "secret" not in str(error.value)
    # The other tables landed.
    assert len(project.query("from warehouse.raw_salesforce.Task")) == 1


def test_enriched_events_without_and_with_a_header(project: Project) -> None:
    """As the pipeline writes them: fast, compressed, with a broken line, and with the names that a database adds."""
    project.write_variables(web_tracker="snowplow")
    (table,) = (one for one in landing.tables(project.settings) if one.tracker)

    def event(letter: str) -> bytes:
        return SAMPLE.replace(b"c6ef3124", letter.encode() * 8).rstrip(b"\n") + b"\n"

    header = "\t".join(table.tsv_columns).encode() + b"\n"
    files = {
        "a.tsv": event("a"),
        "b.gz": gzip.compress(event("b") + b"too\tfew\n" + event("c").replace(b"\n", b"\r\n")),
        "d.txt": header + event("d").replace(b"visitor@harbourdesk.example", b"\\N"),
        "e.tsv": header + b"\n" + event("e"),
    }
    for name, data in files.items():
        project.write_bytes("web/snowplow_events", data, name)
    report = land(project, "web/snowplow_events")
    assert (report.total("landed"), report.total("quarantined")) == (5, 1)
    columns = "left(_row_key, 1), _source_line, user_id, event_name, true_tstamp"
    address, last = "visitor@harbourdesk.example", ("link_click", "2024-05-06 09:12:40.991")
    assert rows(project, columns, "snowplow_events") == [
        ("a", 1, address, *last),
        ("b", 1, address, *last),
        ("c", 3, address, *last),
        ("d", 2, None, *last),
        ("e", 3, address, *last),
    ]
    quarantine = project.query("select line, reason from warehouse.landing.quarantine")
    assert quarantine == [{"line": 2, "reason": "too few values: 2 of 131"}]


def test_a_replay_reads_the_rows_of_the_selected_tracker(project: Project) -> None:
    project.write_variables(web_tracker="snowplow")
    project.write_bytes("web/snowplow_events", SAMPLE, "a.tsv")
    project.write("salesforce/Task", [TASK])
    project.land()
    scratch = project.folder / "scratch.duckdb"
    rebuild._copy_landed(project.settings, scratch, through=100)
    with duckdb.connect(str(scratch), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM raw_web.snowplow_events").fetchall() == [(1,)]


def test_a_file_of_other_events_is_refused(project: Project) -> None:
    project.write_variables(web_tracker="snowplow")
    project.write_bytes("web/snowplow_events", b"secret\t1\n" * 3, "x.tsv")
    with pytest.raises(LandingError, match="no line at its beginning has 131 values separated by tabs") as error:
        land(project, "web/snowplow_events")
    assert "secret" not in str(error.value)


def test_a_table_of_segments_destination(project: Project) -> None:
    project.write_variables(web_tracker="segment")
    project.write_bytes("web/segment_pages", (SAMPLES / "segment_pages.csv").read_bytes(), "sample.csv")
    assert land(project, "web/segment_pages").total("landed") == 1
    assert rows(project, "_row_key, anonymous_id, search", "segment_pages") == [
        ("ajs-5d0c9e7b1a2f48c6b3e4d5f60718293a", "6f2b8c1d4e5a49708b1c2d3e", "?size=l")
    ]


def refusal(project: Project, table: str, row: dict[str, Any]) -> str:
    project.write("salesforce/Task", [TASK])
    file = project.write(table, [row], "jsonl")
    with pytest.raises(LandingError) as error:
        land(project, table)
    file.unlink()
    return str(error.value)


OTHERS = {
    "Airbyte's raw format": {
        "_airbyte_raw_id": 1,
        "_airbyte_extracted_at": 2,
        "_airbyte_data": {},
        "_airbyte_meta": {},
    },
    "Singer's messages": {"type": "RECORD", "stream": "events", "record": {}, "time_extracted": 1},
    "in an envelope": {"schema": {}, "payload": {"before": None, "after": {}, "op": "c"}},
    "as Debezium writes": {"before": None, "after": {}, "source": {}, "op": "c", "ts_ms": 1},
    "raw calls of Segment": {"messageId": 1, "anonymousId": 2, "type": "page", "properties": {}, "context": {}},
    "Snowplow's self-describing JSON": {
        "schema": "iglu:com.snowplowanalytics.snowplow.badrows/x/jsonschema/2-0-0",
        "data": {},
    },
    "as Mixpanel, PostHog and HubSpot": {"event": "$pageview", "properties": {"distinct_id": 1, "$current_url": 2}},
    "events of Mixpanel or PostHog": {"event": "page", "distinct_id": 1, "current_url": 2, "time": 3},
    "events of Amplitude": {"$insert_id": 1, "amplitude_id": 2, "device_id": 3, "event_properties": {}},
    "events of Matomo": {"idVisit": 1, "visitorId": 2, "actionDetails": []},
    "events of Adobe Analytics": {"post_visid_high": 1, "post_visid_low": 2, "post_page_url": 3},
    "events of Adobe Experience Platform": {"_id": 1, "timestamp": 2, "identityMap": {}, "web": {}},
    "events of Universal Analytics": {"fullVisitorId": 1, "visitId": 2, "totals": {}, "hits": []},
    "events of mParticle": {"events": [], "mpid": 1, "batch_id": 2, "device_info": {}},
    "events of Umami": {"event_id": 1, "website_id": 2, "session_id": 3, "url_path": 4},
    "events of Jitsu": {"eventn_ctx_event_id": 1, "_timestamp": 2, "url": 3},
    "events of Snowplow": {"event_id": 1, "domain_userid": 2, "page_url": 3},
    "events of Google Analytics 4": {"event_timestamp": 1, "event_name": 2, "event_params": []},
    "events of Segment or RudderStack": {"id": 1, "anonymous_id": 2, "received_at": 3},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_files_of_other_programs_are_named(project: Project, kind: str) -> None:
    message = refusal(project, "web/page_views", OTHERS[kind])
    assert kind in message and "You can also remove the file." in message


def test_a_trackers_own_file_is_not_taken_for_anothers(project: Project) -> None:
    project.write_variables(web_tracker="rudderstack")
    page = {"id": "1", "anonymous_id": "2", "url": "https://www.site.org/"}
    assert refusal(project, "web/rudderstack_pages", page).endswith("Add it to the export, or remove the file.")
    lake = refusal(project, "web/rudderstack_pages", page | {"_timestamp": "2024-05-06 09:12:42"})
    assert "Its time is in _timestamp, as in data lakes of RudderStack. Name this column timestamp." in lake


def test_a_composed_key_needs_its_first_column_only(project: Project) -> None:
    project.write_variables(web_tracker="ga4")
    event = {"event_timestamp": 1714996800000000, "event_name": "page_view", "event_params": []}
    further = [
        {"user_pseudo_id": "1.2", "event_bundle_sequence_id": 3},
        {"user_pseudo_id": "1.2", "event_bundle_sequence_id": 4},
        {"user_pseudo_id": None, "event_bundle_sequence_id": 4},
        {"event_timestamp": None},
    ]
    project.write("web/ga4_events", [event | one for one in [*further, further[0]]], "jsonl")
    report = land(project, "web/ga4_events")
    assert [report.total(count) for count in ("landed", "unchanged", "quarantined")] == [3, 1, 1]
    assert rows(project, "_row_key", "ga4_events") == [
        ("1714996800000000/page_view//4///",),
        ("1714996800000000/page_view/1.2/3///",),
        ("1714996800000000/page_view/1.2/4///",),
    ]


@pytest.mark.parametrize(
    ("tracker", "column", "link", "needed"),
    [
        ("snowplow", "Network_UserId", ("network_userid", "cookie", ""), "network_userid"),
        ("segment", "context_biz_uid", ("context_biz_uid", "cookie", ""), "context_biz_uid"),
        ("ga4", "biz_uid", ("event_params", "event_parameter", "biz_uid"), "event_params"),
        ("ga4", "user_id", ("user_id", "cookie", ""), "user_id"),
    ],
)
def test_another_column_with_the_cookie_id(tracker: str, column: str, link: tuple[str, ...], needed: str) -> None:
    table = next(one for one in read_sources(PROJECT_DIR, WebTracker(tracker, column)) if one.tracker)
    first = table.links[0]
    assert (first.column, first.kind, first.parameter) == link
    assert [one.column for one in table.links if one.kind == "cookie"] in ([needed], [])
    assert (needed,) in table.required_columns
    assert {"domain_userid", "anonymous_id", "user_pseudo_id"}.isdisjoint(
        name for names in table.required_columns for name in names
    )


def test_two_equal_names_of_a_generic_tracker_are_refused() -> None:
    names = {"event_id": "id", "cookie_id": "I_D"}
    with pytest.raises(LandingError, match="two columns are called 'id' apart from spelling"):
        read_sources(PROJECT_DIR, WebTracker("generic", own_columns=names))
