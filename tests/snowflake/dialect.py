"""What Snowflake refuses and the emulator takes: looked for in the SQL itself, as Snowflake's documentation has it."""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from orchestration.lib.settings import PROJECT_DIR


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# No names of tables or columns, without quotes.
RESERVED = _words(
    """
    all alter and any as between by case cast check column connect connection constraint create cross current
    current_date current_time current_timestamp current_user delete distinct drop else exists false following for from
    full grant group having ilike in increment inner insert intersect into is join lateral left like localtime
    localtimestamp minus natural not null of on or order qualify regexp revoke right rlike row rows sample select set
    some start table tablesample then to trigger true try_cast union unique update using values when whenever where with
    """
)

# The functions that the models use there; every one of them is documented.
FUNCTIONS = _words(
    """
    abs array_agg array_append array_cat array_construct array_distinct array_flatten array_generate_range array_min
    array_sort array_to_string arrays_overlap ascii cast ceil coalesce count date_part date_trunc dateadd datediff
    dense_rank filter first_value flatten floor get_path greatest hex_encode lag last_value lead least length listagg
    ln lower lpad max md5 median min min_by mod nullif position power reduce regexp_instr regexp_replace regexp_substr
    replace right round row_number rpad rtrim split split_part substr sum to_number transform translate trim try_cast
    try_hex_decode_string try_parse_json upper
    """
)
# Other words before a bracket: syntax, and types with a length.
SYNTAX = _words(
    """
    as and by case char decimal distinct exists from group in join lateral not number on or over select then union
    values varchar when where
    """
)

# The sheet's columns keep the names that it has.
SHEET = (PROJECT_DIR / "seeds" / "channel_rules.csv").read_text().splitlines()[0].split(",")

COMMENT_OR_LITERAL = re.compile(r"--[^\n]*|/\*.*?\*/|('(?:[^'\\]|''|\\.)*')", re.DOTALL)


def refused(sql: str) -> Iterator[str]:
    """What is in a statement that Snowflake would not take, or would take for something else."""
    code = COMMENT_OR_LITERAL.sub(lambda found: "''" if found[1] else " ", sql)
    known = FUNCTIONS | SYNTAX | {name.lower() for name in re.findall(r"([a-z_0-9]+)\s+as\s*\(", code, re.IGNORECASE)}
    tree = sqlglot.parse_one(sql, read="snowflake")
    # `values (...) as names (anchor)` names columns in brackets.
    known |= {alias.name.lower() for alias in tree.find_all(exp.TableAlias) if alias.columns}
    for name in sorted(set(re.findall(r"([a-z_][a-z_0-9]*)\s*\(", code.lower())) - known):
        yield f"function {name}"
    for pattern in COMMENT_OR_LITERAL.findall(sql):
        if re.search(r"[*+}(]\?", re.sub(r"\\\\.", "x", pattern)):
            yield f"pattern {pattern}"
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted and identifier.this.lower() in RESERVED:
            yield f"reserved {identifier.this}"
        # Only names without quotes become capitals: the emulator takes one for the other.
        if identifier.quoted and identifier.this != identifier.this.upper() and identifier.this not in SHEET:
            yield f"quoted {identifier.this}"
    for found in tree.find_all(exp.Filter):
        yield f"filter clause {found.sql()}"
    for found in tree.find_all(exp.In, exp.Exists):
        # Subqueries of these are for WHERE alone.
        is_query = isinstance(found, exp.Exists) or found.args.get("query")
        if is_query and not isinstance(found.find_ancestor(exp.Where, exp.Select), exp.Where):
            yield f"subquery in a select list {found.sql()}"
