"""Which fields of an object are asked for: those that the input contract names and the org has."""

import hashlib
from dataclasses import dataclass

from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.sources.errors import LiveSourceError, NotThere
from orchestration.lib.sources.salesforce.org import Org

# SystemModstamp moves with every change. History objects never change and some have only the day of their making.
CURSORS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
# Bulk queries cannot hold these.
NOT_IN_BULK = frozenset({"address", "location", "base64"})


@dataclass(frozen=True)
class ObjectFields:
    """The org's own spelling of what is asked for, and what the contract names in vain."""

    name: str
    fields: tuple[str, ...]
    cursor: str | None
    missing: tuple[str, ...]
    has_deleted_flag: bool

    @property
    def digest(self) -> str:
        """Changes with the set of fields: rows extracted before do not have a field that was added since."""
        return hashlib.sha256(",".join(sorted(self.fields)).encode()).hexdigest()[:8]


def describe(org: Org, table: SourceTable) -> ObjectFields | None:
    """The fields to extract; None when the org does not have the object (or the user may not see it)."""
    try:
        description = org.get(f"sobjects/{table.name}/describe")
    except NotThere as failure:
        if table.required:
            raise LiveSourceError(
                f"{failure} {table.name} is what calls are read from: give the user read access to it."
            ) from None
        return None
    of_org = {
        field["name"].lower(): field["name"] for field in description["fields"] if field["type"] not in NOT_IN_BULK
    }
    for need in table.needs_ever:
        if need.column.lower() not in of_org:
            raise LiveSourceError(
                f"{table.name} in Salesforce ({org.host}) has no field {need.column} that this user may read. "
                f"{need.hint} If the package is there, give the user read access to the field (field-level security)."
            )
    named = [column.name for column in table.columns]
    fields = tuple(of_org[name.lower()] for name in named if name.lower() in of_org)
    return ObjectFields(
        name=table.name,
        fields=fields,
        cursor=next((of_org[cursor.lower()] for cursor in CURSORS if of_org.get(cursor.lower()) in fields), None),
        missing=tuple(name for name in named if name.lower() not in of_org),
        has_deleted_flag="isdeleted" in of_org,
    )
