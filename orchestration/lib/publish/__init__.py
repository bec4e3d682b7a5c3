"""Publishing: an audited build becomes a new version, and a link moves to it in one step.

A version is a copy of the closed build file beside the published path, `marts.000042.20240131T120000Z.duckdb` for
`marts.duckdb`; the published path is a link to one of them. Readers keep the version that they opened. The number
orders the versions, so a clock that is set back is harmless. A record beside them has the reason, the rows and the
digest of each.

A build on Spark also has the marts as Parquet: a version with the same number, `marts.000042.20240131T120000Z.parquet/`
with one folder per mart, and a link `marts.parquet` to the newest Parquet version that is not newer than the file.
"""

from orchestration.lib.publish.audit import is_audited, mark_audited, revoke_audit
from orchestration.lib.publish.errors import PublishError
from orchestration.lib.publish.publication import (
    Published,
    Version,
    list_versions,
    own_files,
    publish,
    published_version,
    rollback,
)
from orchestration.lib.publish.versions import current_version, parquet_of, versions

__all__ = [
    "PublishError",
    "Published",
    "Version",
    "current_version",
    "is_audited",
    "list_versions",
    "mark_audited",
    "own_files",
    "parquet_of",
    "publish",
    "published_version",
    "revoke_audit",
    "rollback",
    "versions",
]
