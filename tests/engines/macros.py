"""What each dispatched macro is tried on, every engine against DuckDB: values at the edges, and thousands at random."""

import os
import random
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.lib.build import dbt
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import frozen_manifest, settings_in, thaw
from tests.unit.macros import connect, table

NOON = datetime(2024, 1, 1, 12)

# What text is read for, as an SQL expression over a column x.
OF_TEXT = {
    "trim_text": "{{ trim_text('x') }}",
    "trim_characters": "{{ trim_characters('x', \"'[]'\") }}",
    "trim_characters at the end": "{{ trim_characters('x', \"'/'\", 'trailing') }}",
    "parse_timestamp": "{{ parse_timestamp('x') }}",
    "parse_date": "{{ parse_date('x') }}",
    "parse_boolean": "{{ parse_boolean('x') }}",
    "parse_number": "{{ parse_number('x') }}",
    "parse_seconds": "{{ parse_seconds('x') }}",
    "is_date_only": "{{ is_date_only('x') }}",
    "salesforce_id": "{{ salesforce_id('x') }}",
    "normalise_cookie": "{{ normalise_cookie('x') }}",
    "url_host": "{{ url_host('x') }}",
    "site_host": "{{ site_host('x') }}",
    "without_user_info": "{{ without_user_info('x') }}",
    "referrer_address": "{{ referrer_address('x') }}",
    "url_page": "{{ url_page('x') }}",
    "url_query": "{{ url_query('x') }}",
    "url_decode": "{{ url_decode('x') }}",
    "url_value": "{{ url_value('x') }}",
    "replace_pattern": "{{ replace_pattern('x', '[?&][^=&]*', '&') }}",
    "decode_names": "{{ decode_names('x') }}",
    "arrival_parameters": "{{ arrival_parameters(url_query('x'), false) }}",
    "parameter_names": "{{ parameter_names(url_query('x')) }}",
    "raw_parameter": "nullif({{ raw_parameter(url_query('x'), 'utm_source') }}, '')",
    "json_text": "{{ json_text('x', 'gclid') }}",
    "event_parameter": "{{ event_parameter('x', 'k') }}",
    "captured": r"nullif({{ captured('x', '^(?:https?|[(]+)[^?]*[?]((?:a|[^=])*)=(.*)$', 2) }}, '')",
    "first_match": r"{{ first_match('x', '\\b(00T[0-9A-Z]{12}(?:[0-9A-Z]{3})?)\\b') }}",
    "matches_pattern": "{{ matches_pattern('x', '^[0-9a-f]{32}$') }}",
    "pattern_literal": r"{{ matches_pattern('x', 'a\\.b|it\'s \\d+$') }}",
    "iso_date": "{{ iso_date('x') }}",
    "condition_day": "{{ condition_day('x') }}",
    "condition_time": "{{ condition_time('x') }}",
    "object_of": "{{ object_of('x') }}",
    "field_of": "{{ field_of('x') }}",
    "phone_number": "{{ phone_number('x') }}",
    "looks_like_call_id": "{{ looks_like_call_id('x') }}",
    "json_of_filled": "{{ json_of_filled(['x']) }}",
    "row_key": "{{ row_key('x') }}",
    "touch_source_id": "{{ touch_source_id('x') }}",
    "browser": "{{ device_part('x', 'name', 1) }}",
    "browser version": "{{ device_part('x', 'version', 1) }}",
    "platform": "{{ device_part('x', 'name', 2) }}",
    "platform version": "{{ device_part('x', 'version', 2) }}",
    "escaped_literal": r"x || {{ escaped_literal('it\'s a \\ back\\nslash \\\' and \"quotes\"') }}",
    "key_after_join": "{{ key_after_join('x', 'nullif(x, x)', 'x') }}",
    "snowflake_type": "cast(x as {{ snowflake_type('varchar(18)') }})",
}

TEXTS = [
    None,
    "",
    " ",
    # Fields, and dates with the month first
    *(
        "CrmTask.Sub_ject",
        "campaign member.RecordType.Name",
        "event._custom__c",
        "Task.Größe\\'s\t%",
        "Account.Name",
        "Task",
        ".",
    ),
    *("12/31/2016", "1/2/2016", "13/31/2016", "2/30/2016", "12/31/16", "//", "2016-12-31 18:00"),
    # Times
    *("2018-08-27T18:30:25.000+0000", "2018-08-27T18:30:25Z", "2018-08-27T18:30:25z", "2018-08-27 18:30:25"),
    *("2018-08-27 18:30:25 UTC", "2018-08-27 18:30:25.5 Z", "2018-08-27 18:30:25 z"),
    *("2018-08-27T20:30:25+02:00", "2018-08-27 20:30:25+02", "2018-08-27 20:30:25+0230"),
    *("2018-08-27 11:30:25.000 -0700", "2018-08-27 11:30:25.5 -07", "2018-08-27 20:30:25+02:00:30", "2018-08-27"),
    *("2018-08-27 18:30", "2018-08-27T18:30Z", "2018-08-27 18", "2018-8-7", "2018-8-7 8:3:5", "2018-08-27  18:30:25"),
    *("2018-08-27 18:30:25.1234567", "2018-08-27 18:30:25.123456789-02", "2018-08-27 18:30:25.", "2018-08-27Z"),
    *("2018-02-29", "2020-02-29", "2018-13-01T00:00:00Z", "2018-08-27T25:00:00Z", "2018-08-27 18:60:25", "9999-12-31"),
    *("2018-08-27 20:30:25+2", "2018-08-27 20:30:25+", "2018-08-27 20:30:25 CEST", "2018-08-27+02:00", "20180827"),
    *("2018-08-27 20:30:25 +02:00", "2018-08-27T20:30+02:00", "2018-08", "1969-12-31 23:59:59.999999", "1582-10-04"),
    *("2024-03-31 02:30:00", "0001-01-01 00:00:00", "2018-08-27T18:30:25.000 Europe/Berlin", "2018-08-27 24:30:00"),
    *("1535394625", "1535394625.5", "1535394625123", "1535394625123.4567", "1535394625123456", "999999999", "12"),
    *("1535394625.5.5", "-1535394625", "1535394625.", "1535394625123456.5", "153539462512", "1535394625.0000005"),
    # Numbers and flags
    *("5", "+5", "-5", ".5", "5.", "-0", "1e5", "1E-2", "1e-13", "5e-13", "0.0000000000005", "0.0000000000015"),
    *("-0.0000000000005", "1e25", "1e26", "1e400", "1.2.3", "1,000", "1 2", "--5", "1e", "e5", "5d", "5f", "0x10", "."),
    *("99999999999999999999999999.9999999999994", "99999999999999999999999999.9999999999995", " 12 ", "\t5", "5\n"),
    *(
        "NaN",
        "Infinity",
        "١٢",
        "1_000",
        "1__0",
        "1_0.5",
        "true",
        " TRUE ",
        "t",
        "1",
        "0",
        "no",
        "N",
        "maybe",
        "\u00a05",
    ),
    *(
        "1.0",
        "0.0",
        "2018-08-27 02:30 PM -04:00",
        "2018-08-27 6:30:25 pm",
        "2018-08-27 12:15 AM",
        "2018-08-27 12:15 PM",
    ),
    *(
        "2018-08-27 12:15 am +0530",
        "2018-08-27 13:30 PM",
        "2018-08-27 00:30 AM",
        "2018-08-27 PM",
        "0000-01-01 00:00:00",
    ),
    *("0001-01-01 00:00:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "9999-12-31 23:59:59"),
    # Ids
    *("00Q0b00001UiE2X", "ABCDe0000000000", " 001A0000006Vm9r ", "001A0000006Vm9rIAC", "ünicode12345678"),
    *("277d79d01678498fea067c9b631bf6df", " V_277D79D01678498FEA067C9B631BF6DF\u2003", "v_", "v_v_a", "session-a-b"),
    # Addresses
    *("https://www.Google.com/search?q=a", "http://site.org:8080/x", "site.org?x=http://other.org/", "//a/b", "a://"),
    *("https://site.org/?Gclid=1&utm_source%20=b&c#d=e", "https://site.org/?utm_source=&gclid=&x", "https://a/?"),
    *(
        "https://s.org/?utm_source=a%20b%2Bc+d",
        "https://s.org/?a=b&%20UTM_Source%20= News&c=d",
        "x?utm_source=caf%C3%A9",
    ),
    *("https://s.org/?utm_source=1&utm_source=2", "https://s.org/?my_utm_source=news", "s.org/a#utm_source=b", "?&&=&"),
    *(
        "https://jane.doe:pw@Site.org:8443/a@b",
        "jane@site.org",
        "http://[2001:DB8::1]:80/x",
        "2001:db8::1",
        "about:blank",
    ),
    *("mailto:x@site.org", "android-app://com.site.app/", "https://a@b@c/", "ftp://a@b/", "//jane@site.org/", "a:80"),
    *(
        "https://s.org/?utm%5Fsource=a%26b",
        "?UTM%5fSource=1&amp;x=2&a%26b%3D=c&utm%255Fsource=d",
        "s.org/#/r?utm_source=e",
    ),
    *("caf%E9", "100%", "%zz a%20b", "%", "%2", "%00a", "a+b", "%C3", "%C3%28", "%ED%A0%80", "%F4%90%80%80", "%C0%80"),
    *("%EF%BF%BD", "%EF%BF%BD%FF", "\ufffd%41", "\ufffd%FF", "%F0%9F%98%80", "😀%41", "é%C3%A9", "%c3%a9", "%25zz"),
    # Objects, records, numbers, devices
    *(
        '{"gclid": "a"}',
        '{"gclid": 1.0}',
        '{"gclid": null}',
        '{"gclid": ""}',
        '{"other": 1}',
        "[]",
        "{",
        '{"gclid":"a"} x',
    ),
    *('{"gclid": "\\u00e9\\n"}', '{"gclid": true}', '"gclid"', '{"gclid": "a", "b": {"gclid": "c"}}', "{'gclid': 'a'}"),
    *("Task 00T000000000001 written", "[00t000000000001AAA]", "x00T000000000001", "00T0000000000012"),
    *("+44 (0)20 7946 0958", "+44(0) 20 7946 0958", "(0)20 7946 0958", "Jabber Call", "CA-0001", "415.555.0100"),
    *("+1 (555) 010-9999", "0049 30 1234567", "15550109999", "123456", "anonymous", "001"),
    *("Chrome (65.0), Windows (6.1)", " Safari ( 11 ) , iOS (11.2) ", "Chrome, Windows", "(1), (2)", "A (1), B (2)\n"),
    *('{"gclid": "a", "gclid": "b"}', '{"other": {"a": 1, "a": 2}, "gclid": "a"}'),
    # Parameters of events
    *(
        '[{"key": "k", "value": {"string_value": "https://s.org/?a=b&c", "int_value": null}}]',
        '[{"key": "a", "value": {"string_value": "b"}}, {"key": "k", "value": {"int_value": 7}}]',
        '[{"key": "k", "value": {"int_value": "7", "double_value": 1.5}}, {"key": "k", "value": {}}]',
        '[{"key": "k", "value": {"double_value": 1.5}}]',
        '[{"key": "k"}, {"value": {"string_value": "b"}}]',
        '[{"key": "k", "value": {"string_value": "\\u00e9 \\"q\\" \\/"}}]',
    ),
    *("a.b", "axb", "it's 12", "it's", "back\\slash", "it's a \\ 'x'", "\u3000a\u3000b\u200b", "a\u2028b", "\x00"),
]

# Pieces of such texts; what is made of them at random finds what nobody thought of.
PIECES = [
    *(
        "2018-08-27",
        "2018-8-7",
        "T",
        " ",
        "18:30:25",
        "8:3",
        ".5",
        ".123456",
        "Z",
        " UTC",
        "+02:00",
        "-0730",
        "+00",
        "-",
    ),
    *("https://", "site.org", "www.", "/a", "?", "&", "=", "utm_source", "UTM_Source", "gclid", "#", "%20", "+", ":80"),
    *("%C3%A9", "%FF", "%", "%4", "é", "😀", "\u00a0", "\t", "\n", "1535394625", "123", "0", "_", ".", "e", "E5", "1"),
    *('{"gclid":', '"a"', "}", ",", "[", "]", "00T000000000001", "AAA", "v_", "V_", "abc", "Chrome (65)", ", iOS (11)"),
]


def random_texts(count: int) -> list[str]:
    random.seed(11)
    return ["".join(random.choices(PIECES, k=random.randrange(1, 7))) for _ in range(count)]


OF_TIMES = {
    "epoch_us": "{{ epoch_us('a') }}",
    "add_minutes": "{{ add_minutes('a', 30) }}",
    "add_minutes of a column": "{{ add_minutes('a', 'n') }}",
    "latest_of": "{{ latest_of(['a', 'b']) }}",
    "add_seconds": "{{ add_seconds('a', 's') }}",
    "add_call_length": "{{ add_call_length('a', 'cast(s as decimal(38, 12)) * -100000') }}",
    "seconds_between": "{{ seconds_between('a', 'b') }}",
    "days_between": "{{ days_between('cast(a as date)', 'cast(b as date)') }}",
    "greater": "{{ greater('a', 'b') }}",
    "format_seconds": "{{ format_seconds('s') }}",
}
TIMES = [
    *(NOON, NOON + timedelta(microseconds=1), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(1900, 1, 1), None),
    *(
        datetime(1, 1, 2),
        datetime(9999, 12, 30, 23, 59, 59, 999999),
        datetime(2024, 2, 29),
        datetime(2024, 3, 31, 2, 30),
    ),
]

# Whole numbers as credit has them: numerators, denominators, cents.
OF_NUMBERS = {
    "big_integer": "{{ big_integer('a') }} * b",
    "integer_divide": "{{ integer_divide(big_integer('a') ~ ' * b', 'c') }}",
    "integer_divide of the rest": "({{ big_integer('a') }} * b) % c",
    "as_money": "{{ as_money('c') }}",
    "as_percentage": "{{ as_percentage('d') }}",
}

OF_GROUPS = {
    "ordered_listagg": "{{ ordered_listagg('x', ['n', 'x']) }}",
    "ordered_listagg without a separator": "{{ ordered_listagg('x', ['n', 'x'], separator='') }}",
    "min_by": "{{ min_by('x', 'n', 'is_counted') }}",
    "median": "cast({{ median('s') }} as decimal(18, 6))",
    "mean_seconds": "{{ mean_seconds('s') }}",
}

# Whole statements over tables of rows.
STATEMENTS = {
    "last_non_null": """
        select
            n,
            {{ last_non_null('x', '(partition by g order by n rows between unbounded preceding and current row)') }}
        from groups
        where n is not null
    """,
    "row_per_number": "{{ row_per_number('ranges', 'lo', 'hi', 'number') }} where lo is null or lo <> -1",
    "row_per_part": "{{ row_per_part('inputs', 'x', ';', 'part') }}",
    "row_per_part by a sign of patterns": "{{ row_per_part('inputs', 'x', '&', 'part') }}",
    "raise_if": "select count(*) from inputs where {{ raise_if('cast(null as string)') }}",
    "window_pairs": "{{ window_pairs('events', 'windows', 30) }}",
    "assign_to_sessions": "{{ assign_to_sessions('events', 'windows') }}",
    "connected_components": "{{ connected_components('pairs') }}",
    "repeated_rows": "{{ repeated_rows('groups', ['g', 'x']) }}",
    "repeated_rows of a key that can be null": "{{ repeated_rows('groups', ['x'], or_null=true) }}",
}

# What cannot be tried on values alone; an engine's tests have a test for each.
APART = {"seed_row", "in_marts"}


def over_rows(expressions: dict[str, str], key: str = "row_number", end: str = "") -> str:
    """A query that works every expression out for each row (or group) of the table inputs."""
    values = ",\n".join(f"{expression} as e{number}" for number, expression in enumerate(expressions.values()))
    return f"select {key} as row_number, {values} from inputs {end}"


QUERIES = STATEMENTS | {
    "of text": over_rows(OF_TEXT),
    "of times": over_rows(OF_TIMES),
    "of numbers": over_rows(OF_NUMBERS),
    "of groups": over_rows(OF_GROUPS, "g", "group by g"),
    "a problem": "select * from inputs where {{ raise_if('x') }}",
    "a mart": "{{ in_marts(api.Relation.create(schema='main', identifier='fct_calls')) }}",
    "types": "select cast(a as {{ snowflake_type('date') }}), cast(a as {{ snowflake_type('timestamp_ntz') }}),"
    " cast(1 as {{ snowflake_type('number(38,19)') }}) from inputs",
}

Tables = dict[str, tuple[str, list[tuple[Any, ...]]]]
Engine = Callable[[str, Tables], list[tuple[Any, ...]]]

GROUP_COLUMNS = "g varchar, x varchar, n integer, s decimal(18, 6), is_counted boolean"


def grouped_rows() -> list[tuple[Any, ...]]:
    random.seed(9)
    rows: list[tuple[Any, ...]] = [("only nulls", None, None, None, True), ("tie", "a", 1, Decimal("0.000001"), True)]
    rows.append(("tie", "b", 2, Decimal("0.000002"), True))
    for group in range(60):
        # Sums of odd microseconds over counts of two, four and so on end half-way between two.
        for number in random.sample(range(100), random.choice([1, 2, 3, 4, 8, 64])):
            seconds = Decimal(random.randrange(-(10**9), 10**9)) / 10**6
            text = random.choice([None, "a", "B", "é", ""])
            rows.append((f"g{group}", text, number, random.choice([seconds, seconds, None]), random.random() < 0.7))
        rows.append((f"g{group}", random.choice([None, "z"]), None, None, False))
    return rows


def rows_of_times() -> list[tuple[Any, ...]]:
    random.seed(5)
    rows: list[tuple[Any, ...]]
    rows = [(a, b, n, s) for a in TIMES for b in TIMES for n, s in [(0, Decimal(0)), (-30, Decimal("1800.000001"))]]
    for _ in range(500):
        moments = [NOON + timedelta(microseconds=random.randrange(-(10**15), 10**15)) for _ in range(2)]
        rows.append((*moments, random.randrange(-(10**6), 10**6), Decimal(random.randrange(-(10**12), 10**12)) / 10**6))
    return [row for row in rows if row[0] is None or datetime(2, 1, 1) < row[0] < datetime(9998, 1, 1)] + [
        (datetime(1, 1, 2), datetime(9999, 12, 30), 1, Decimal(1))
    ]


def rows_of_numbers() -> list[tuple[Any, ...]]:
    random.seed(3)
    large = [10**18, 9 * 10**18, 999999999999, 1, 0, 7]
    rows = [(a, b, c, d) for a in large for b in (1, 10**15, 3) for c in (1, 7, 10**15 - 1) for d in (0, 10**14, 33)]
    rows += [tuple(random.randrange(1, 10 ** random.randrange(1, 16)) for _ in range(4)) for _ in range(1000)]
    # Dividends end where credit's do: below 10^38.
    return [row for row in rows if row[0] * row[1] < 10**33]


@dataclass(frozen=True)
class Values:
    """Expressions, and the rows (or groups of rows) that each is worked out for."""

    expressions: dict[str, str]
    columns: str
    rows: Callable[[], list[tuple[Any, ...]]]


VALUES = {
    "of text": Values(OF_TEXT, "x varchar", lambda: [(text,) for text in (*TEXTS, *random_texts(3000))]),
    "of times": Values(OF_TIMES, "a timestamp, b timestamp, n integer, s decimal(18, 6)", rows_of_times),
    "of numbers": Values(OF_NUMBERS, "a bigint, b bigint, c bigint, d bigint", rows_of_numbers),
    "of groups": Values(OF_GROUPS, GROUP_COLUMNS, grouped_rows),
}


def statement_tables() -> Tables:
    """What the statements read."""
    random.seed(4)

    def moment() -> datetime:
        return NOON + timedelta(minutes=random.randrange(0, 600, 5), microseconds=random.choice([-1, 0, 0, 1]))

    def moments(prefix: str, count: int) -> list[tuple[str, str, datetime]]:
        return [(f"{prefix}{number:03}", random.choice("abc"), moment()) for number in range(count)]

    minutes = [timedelta(minutes=number) for number in (0, 30, 300)]
    windows = [
        (id_, id_, cookie, at, at, at + random.choice(minutes), random.choice([None, None, "e100"]))
        for id_, cookie, at in moments("w", 100)
    ]
    columns = "window_id varchar, session_id varchar, cookie_id varchar, started_at timestamp, opens_at timestamp, "
    return {
        "inputs": ("x varchar", [(x,) for x in ("a;b", ";", "", "a", "a;;b;", "a&b", "&", "a\\;b", None)]),
        "ranges": ("lo bigint, hi bigint", [(0, 3), (5, 5), (3, 1), (-2, 0), (-1, 0), (None, 1), (1, None)]),
        "groups": (GROUP_COLUMNS, grouped_rows()),
        "events": ("event_id varchar, cookie_id varchar, event_at timestamp", moments("e", 200)),
        "windows": (f"{columns}closes_at timestamp, opener_id varchar", windows),
        "pairs": ("one bigint, other bigint", sorted({(n, n + random.choice([1, 2, 9])) for n in range(0, 90, 2)})),
    }


@cache
def compiled(target: str) -> dict[str, str]:
    """The SQL that dbt makes of each query for an engine, in one call."""
    with tempfile.TemporaryDirectory(prefix="macros-") as folder:
        settings = settings_in(Path(folder), target=target)
        line = dbt.arguments("compile", settings, target_dir=Path(folder) / "target")
        with mock.patch.dict(os.environ, settings.environment()):
            template = "\n-- next --\n".join(QUERIES.values())
            manifest = thaw(frozen_manifest(target))
            outcome: Any = dbtRunner(manifest=manifest).invoke([*line, "--no-populate-cache", "--inline", template])
        DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception
    queries = outcome.result.results[0].node.compiled_code.split("-- next --")
    return dict(zip(QUERIES, queries, strict=True))


def on_duckdb(query: str, tables: Tables) -> list[tuple[Any, ...]]:
    """The rows of a query, worked out by DuckDB."""
    with connect() as connection:
        for name, (columns, rows) in tables.items():
            table(connection, name, columns, rows)
        return connection.execute(compiled("duckdb")[query]).fetchall()


def unlike_values(name: str, engine: Engine) -> str:
    """What an engine works out otherwise than DuckDB, row by row or group by group."""
    values = VALUES[name]
    rows = values.rows()
    numbered = [(number, *row) for number, row in enumerate(rows)]
    tables = {"inputs": (f"row_number integer, {values.columns}", numbered)}
    expected, found = (sorted(one(name, tables)) for one in (on_duckdb, engine))
    assert [row[0] for row in expected] == [row[0] for row in found]
    unlike = [
        f"{expression} of {key if isinstance(key, str) else rows[key]}: DuckDB {one!r}, the other {other!r}"
        for (key, *ones), (_, *others) in zip(expected, found, strict=True)
        for expression, one, other in zip(values.expressions, ones, others, strict=True)
        if one != other
    ]
    return f"{len(unlike)} unlike:\n" + "\n".join(unlike[:40]) if unlike else ""


def statements_agree(name: str, engine: Engine) -> bool:
    """Whether an engine gives DuckDB's rows, which must be some."""
    tables = statement_tables()
    expected, found = (ordered(one(name, tables)) for one in (on_duckdb, engine))
    assert expected
    return expected == found


def ordered(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def dispatched() -> set[str]:
    """Every macro that an engine may spell its own way."""
    files = (PROJECT_DIR / "macros").rglob("*.sql")
    pattern = r"adapter\.dispatch\('(\w+)', 'call_attribution'\)"
    return {name for file in files for name in re.findall(pattern, file.read_text())}


TRIED = {*OF_TEXT, *OF_TIMES, *OF_NUMBERS, *OF_GROUPS, *STATEMENTS, *APART}

# A sheet in which every sign that could be lost stands.
SHEET = '''Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website,Note
Paid,It's,a\\b;c,,"x;""y""",,[AdWords Paid Search],first
,,,,,,,an empty row
Other,,*,,,None,,"two
lines"
Last, spaced ,'quoted',,,/é,,\\'
'''
