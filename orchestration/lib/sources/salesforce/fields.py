"""The fields to extract of an object: those that the input contract, a variable or a rule names and the org has."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pydantic

from orchestration.lib.landing.contract import SourceTable, normalise
from orchestration.lib.sources.errors import LiveSourceError, NotFound
from orchestration.lib.sources.salesforce.org import Org

# SystemModstamp moves with every change. History objects never change, and some have only a creation date.
CURSORS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
# Bulk queries do not support these types.
NOT_IN_BULK = frozenset({"address", "location", "base64"})


class Field(pydantic.BaseModel):
    name: str
    type: str
    relationshipName: str | None = None
    referenceTo: list[str] = []


class Description(pydantic.BaseModel):
    """The part of an object's description that is read."""

    fields_: list[Field] = pydantic.Field(alias="fields")


@dataclass(frozen=True)
class ObjectFields:
    """The fields in the org's own spelling, and the named fields that the org lacks."""

    name: str
    fields: tuple[str, ...]
    cursor: str | None
    missing: tuple[str, ...]
    has_deleted_flag: bool

    @property
    def digest(self) -> str:
        """Changes with the set of fields: rows extracted before lack a field that was added later."""
        return hashlib.sha256(",".join(sorted(self.fields)).encode()).hexdigest()[:8]


def describe(org: Org, table: SourceTable) -> ObjectFields | None:
    """The fields to extract; None if the org does not have the object, or the user cannot see it."""
    try:
        description = org.get(f"sobjects/{table.name}/describe", Description)
    except NotFound as failure:
        if table.required:
            raise LiveSourceError(
                f"{failure} Calls are read from {table.name}: give the user read access to it."
            ) from None
        return None
    of_org = _by_name(description)
    for need in table.required_once:
        if need.column.lower() not in of_org:
            raise LiveSourceError(
                f"{table.name} in Salesforce ({org.host}) has no field {need.column} that this user may read. "
                f"{need.hint} If the package is there, give the user read access to the field (field-level security)."
            )
    # Variables can spell a field as a loader does.
    other_spellings = {normalise(name): name for name in of_org.values()}
    other_spellings |= _of_parents(org, description, [column.name for column in table.named_fields])
    named = {column.name: of_org.get(column.name.lower()) for column in table.columns}
    named |= {column.name: other_spellings.get(normalise(column.name)) for column in table.named_fields}
    fields = tuple(dict.fromkeys(field for field in named.values() if field))
    return ObjectFields(
        name=table.name,
        fields=fields,
        cursor=next((of_org[cursor.lower()] for cursor in CURSORS if of_org.get(cursor.lower()) in fields), None),
        missing=tuple(name for name, field in named.items() if not field),
        has_deleted_flag="isdeleted" in of_org,
    )


def _by_name(description: Description) -> dict[str, str]:
    return {
        field.name.lower(): field.name
        for field in description.fields_
        # A sign such as the Kelvin sign becomes a plain letter in lower case.
        if field.type not in NOT_IN_BULK and field.name.isascii()
    }


def _of_parents(org: Org, description: Description, names: Sequence[str]) -> dict[str, str]:
    """Fields of the record that another field refers to, such as `RecordType.Name`, by the name as it is compared."""
    found = {}
    for name in names:
        parent, _, rest = name.partition(".")
        for field in description.fields_:
            relation = field.relationshipName or ""
            if rest and relation.isascii() and relation.lower() == parent.lower() and field.referenceTo:
                try:
                    of_parent = _by_name(org.get(f"sobjects/{field.referenceTo[0]}/describe", Description))
                except NotFound:
                    continue
                if rest.lower() in of_parent:
                    found[normalise(name)] = f"{relation}.{of_parent[rest.lower()]}"
    return found
