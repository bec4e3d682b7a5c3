"""Publishing: one atomic step, previous versions, rollback, and the messages when it fails."""

import errno
import multiprocessing
import os
import re
import resource
import signal
import stat
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import publish as publishing
from orchestration.lib.files import temporary_name
from orchestration.lib.publish import (
    PublishError,
    current_version,
    files,
    mark_audited,
    publication,
    publish,
    revoke_audit,
    rollback,
    summary,
    versions,
)
from orchestration.lib.publish.errors import user_facing_errors

# The child has DuckDB loaded.
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    return tmp_path / "published folder" / "marts.duckdb"


def build(folder: Path, value: int, rows: int = 1) -> Path:
    """A closed build file in the published storage format."""
    path = folder / "warehouse.duckdb.marts"
    path.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS marts (STORAGE_VERSION 'v1.0.0')")
        connection.execute(
            "CREATE TABLE marts.fct_calls AS SELECT ? AS build, hash(range) AS noise FROM range(?)", [value, rows]
        )
    mark_audited(path)
    return path


def read(marts: Path) -> int:
    with duckdb.connect(str(marts), read_only=True) as connection:
        [(value,)] = connection.execute("SELECT DISTINCT build FROM fct_calls").fetchall()
    return value


def test_a_published_build_is_read_through_the_link(tmp_path: Path, marts: Path) -> None:
    result = publish(build(tmp_path, 1), marts, keep=5)
    assert read(marts) == 1
    assert (result.tables, result.removed) == (1, ())
    assert current_version(marts) == result.version


def test_the_format_is_that_of_duckdb_1_0(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    # Bytes 12 to 20 of a DuckDB file are its storage version; 64 is the one that 0.9.2 to 1.1 write and read.
    assert int.from_bytes(marts.read_bytes()[12:20], "little") == 64


def test_an_open_reader_keeps_its_version(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1), marts, keep=1)
    with duckdb.connect(str(marts), read_only=True) as reader:
        publish(build(tmp_path, 2), marts, keep=1)
        publish(build(tmp_path, 3), marts, keep=1)
        assert reader.execute("SELECT build FROM fct_calls").fetchall() == [(1,)]


def test_the_last_versions_are_kept(tmp_path: Path, marts: Path) -> None:
    results = [publish(build(tmp_path, value), marts, keep=2) for value in range(4)]
    assert versions(marts) == [results[2].version, results[3].version]
    assert results[3].removed == (results[1].version,)


def test_numbers_order_the_versions_when_the_clock_goes_back(tmp_path: Path, marts: Path, monkeypatch) -> None:
    first = publish(build(tmp_path, 1), marts, keep=1)
    monkeypatch.setattr(time, "gmtime", lambda: time.struct_time((1999, 1, 1, 0, 0, 0, 0, 1, 0)))
    second = publish(build(tmp_path, 2), marts, keep=1)
    assert read(marts) == 2
    assert versions(marts) == [second.version]
    assert second.removed == (first.version,)


def test_rollback_returns_to_the_version_before(tmp_path: Path, marts: Path) -> None:
    first, second = (publish(build(tmp_path, value), marts, keep=5).version for value in (1, 2))
    assert rollback(marts) == (second, first)
    assert read(marts) == 1
    with pytest.raises(PublishError, match="oldest kept version"):
        rollback(marts)
    assert read(marts) == 1


def test_a_version_that_was_rolled_back_from_returns_only_by_name(tmp_path: Path, marts: Path) -> None:
    for value in (1, 2):
        publish(build(tmp_path, value), marts, keep=5)
    rollback(marts)
    publish(build(tmp_path, 3), marts, keep=5)
    rollback(marts)
    assert read(marts) == 1
    rollback(marts, "2")
    assert read(marts) == 2


def test_rollback_goes_to_any_version_and_forward_again(tmp_path: Path, marts: Path) -> None:
    first, second, third = (publish(build(tmp_path, value), marts, keep=5).version for value in (1, 2, 3))
    assert rollback(marts, "1") == (third, first)
    assert rollback(marts, third.name) == (first, third)
    assert rollback(marts, "000002") == (third, second)
    assert read(marts) == 2
    with pytest.raises(PublishError, match=r"no version '7'\. `make versions`"):
        rollback(marts, "7")
    assert read(marts) == 2
    # Forward to the newest: it is no longer withdrawn.
    rollback(marts, "3")
    publish(build(tmp_path, 4), marts, keep=5)
    assert rollback(marts)[1] == third


def test_numbers_are_never_used_twice(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    second = publish(build(tmp_path, 2), marts, keep=5).version
    rollback(marts)
    second.unlink()
    third = publish(build(tmp_path, 3), marts, keep=5).version
    assert third.name.startswith("marts.000003.")
    for version in versions(marts):
        version.unlink()
    assert publish(build(tmp_path, 4), marts, keep=5).version.name.startswith("marts.000004.")


def test_versions_that_were_rolled_back_from_are_kept_among_the_others(tmp_path: Path, marts: Path) -> None:
    for value in (1, 2):
        publish(build(tmp_path, value), marts, keep=3)
    rollback(marts)
    publish(build(tmp_path, 3), marts, keep=3)
    assert len(versions(marts)) == 3
    rollback(marts, "2")
    assert read(marts) == 2
    publish(build(tmp_path, 4), marts, keep=3)
    assert [int(version.name.split(".")[1]) for version in versions(marts)] == [2, 3, 4]


@pytest.mark.parametrize("change", ["damage", "replace", "write", "log"])
def test_a_damaged_or_changed_version_is_never_published_again(tmp_path: Path, marts: Path, change: str) -> None:
    first, second = (publish(build(tmp_path, value), marts, keep=5).version for value in (1, 2))
    before = first.stat()
    first.chmod(0o600)
    if change == "damage":
        with open(first, "r+b") as file:
            file.seek(5000)
            file.write(b"\0\1\2\3")
        os.utime(first, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "replace":
        first.write_bytes(second.read_bytes())
    elif change == "write":
        with duckdb.connect(str(first)) as connection:
            connection.execute("UPDATE fct_calls SET build = 9")
    else:
        Path(f"{first}.wal").write_bytes(b"what a killed program left")
    with pytest.raises(PublishError, match="damaged or changed"):
        rollback(marts)
    assert read(marts) == 2
    lines = summary.list_versions(marts).splitlines()
    assert ["damaged or changed" in line for line in lines[2:]] == [False, True]


def test_a_changed_version_is_not_taken_for_the_builds_own(tmp_path: Path, marts: Path) -> None:
    path = build(tmp_path, 1)
    version = publish(path, marts, keep=5).version
    version.chmod(0o600)
    version.touch()
    assert publishing.published_version(path, marts) == version, "the content is the same"
    with duckdb.connect(str(version)) as connection:
        connection.execute("UPDATE fct_calls SET build = 9")
    assert publishing.published_version(path, marts) is None
    publish(path, marts, keep=5)
    assert read(marts) == 1


def test_what_a_killed_writer_left_does_not_get_into_the_next_version(tmp_path: Path, marts: Path) -> None:
    """DuckDB applies a write-ahead log beside the path that is opened to the file that it opens."""
    publish(build(tmp_path, 1), marts, keep=5)
    marts.resolve().chmod(0o600)
    process = FORK.Process(target=write_and_die, args=(marts,))
    process.start()
    process.join()
    assert [path.name for path in marts.parent.glob("*.wal")]
    publish(build(tmp_path, 2), marts, keep=5)
    assert read(marts) == 2
    assert not marts.with_name("marts.duckdb.wal").exists()


def write_and_die(marts: Path) -> None:
    connection = duckdb.connect(str(marts))
    connection.execute("UPDATE fct_calls SET build = 9")
    os.kill(os.getpid(), signal.SIGKILL)


def test_versions_are_listed_with_time_rows_and_reason(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1, rows=1200), marts, keep=5)
    second = build(tmp_path, 2, rows=34)
    mark_audited(second, reason="Full refresh: you asked for it")
    publish(second, marts, keep=5)
    rollback(marts)
    header, _, newest, oldest = summary.list_versions(marts).splitlines()
    assert header.split() == ["version", "published", "(UTC)", "rows", "reason", "state"]
    assert re.match(r"  000002 +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +34 ", newest)
    assert newest.endswith("Full refresh: you asked for it  rolled back from")
    assert " 1,200 " in oldest and oldest.endswith("shown")


def test_versions_of_release_0_1_are_known(tmp_path: Path, marts: Path) -> None:
    """Release 0.1.0 wrote no record: its versions are entered as they are, and numbering continues."""
    first, second = (publish(build(tmp_path, value), marts, keep=5).version for value in (1, 2))
    marts.with_name(".marts.duckdb.versions").unlink()
    marts.with_name(".marts.duckdb.published").write_text("the state of a build")
    assert rollback(marts) == (second, first)
    third = publish(build(tmp_path, 3), marts, keep=5).version
    assert third.name.startswith("marts.000003.")
    assert not marts.with_name(".marts.duckdb.published").exists()


def test_two_published_files_in_one_folder_leave_each_other_alone(tmp_path: Path, marts: Path, monkeypatch) -> None:
    europe = marts.with_name("marts.eu.duckdb")
    publish(build(tmp_path, 1), marts, keep=5)
    copied = publication.copy_complete

    def publish_other_meanwhile(source: Path, target: Path, *more: Any) -> None:
        part = temporary_name(target, "part")
        part.write_bytes(b"half")
        with monkeypatch.context() as patch:
            patch.setattr(publication, "copy_complete", copied)
            publish(source, marts, keep=5)
        assert part.exists(), "the copy of the other path is still being made"
        part.unlink()
        copied(source, target, *more)

    monkeypatch.setattr(publication, "copy_complete", publish_other_meanwhile)
    publish(build(tmp_path, 2), europe, keep=5)
    assert (read(marts), read(europe)) == (2, 2)
    assert len(versions(europe)) == 1


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


def test_the_published_file_is_for_its_owner_and_nobody_writes_it(tmp_path: Path, marts: Path) -> None:
    umask = os.umask(0)
    try:
        file, parquet = build_with_parquet(tmp_path, 1)
        version = publish(file, marts, keep=5, parquet=parquet).version
        assert stat.S_IMODE(version.stat().st_mode) == 0o400
        assert modes(publishing.parquet_of(version) / "fct_calls") == {0o400}
        assert stat.S_IMODE(publishing.parquet_of(version).stat().st_mode) == 0o700
        assert modes(marts.parent) <= {0o400, 0o600}
        # An operator shares it with a group, kept versions included.
        publish(file, marts, keep=5, parquet=parquet, mode=0o440)
        assert {stat.S_IMODE(one.stat().st_mode) for one in versions(marts)} == {0o440}
        assert stat.S_IMODE(publishing.parquet_of(marts).stat().st_mode) == 0o750
        assert rollback(marts)[1] == version
    finally:
        os.umask(umask)


def test_rollback_of_nothing_says_so(marts: Path) -> None:
    with pytest.raises(PublishError, match="Nothing is published"):
        rollback(marts)


def test_leftovers_of_a_crash_are_removed_by_the_next_publication(tmp_path: Path, marts: Path, monkeypatch) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    for module, step in ((files, "_copy"), (publication, "point_link"), (files, "sync_folder")):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, crash)
            with pytest.raises(KeyboardInterrupt):
                publish(build(tmp_path, 2), marts, keep=5)
        assert read(marts) == 1
    for name in (".marts.000099.20200101T000000Z.duckdb.part", "..marts.duckdb.versions.0a1b2c3d.part"):
        (marts.parent / name).write_bytes(b"half")
    publish(build(tmp_path, 3), marts, keep=5)
    assert read(marts) == 3
    assert len(versions(marts)) == 2
    assert sorted(path.name for path in marts.parent.iterdir() if path.name.startswith(".")) == [
        ".marts.duckdb.lock",
        ".marts.duckdb.versions",
    ]


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_of_the_user_is_never_replaced(tmp_path: Path, marts: Path) -> None:
    marts.parent.mkdir()
    marts.write_bytes(b"mine")
    with pytest.raises(PublishError, match="Move it away"):
        publish(build(tmp_path, 1), marts, keep=5)
    assert marts.read_bytes() == b"mine"
    marts.unlink()
    marts.symlink_to(tmp_path / "elsewhere.duckdb")
    with pytest.raises(PublishError, match="Move it away"):
        publish(build(tmp_path, 1), marts, keep=5)


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path, marts: Path) -> None:
    marts.parent.mkdir()
    others = [
        marts.with_name(name) for name in ("marts.000001.duckdb", "marts2.000001.20240101T000000Z.duckdb", ".x.part")
    ]
    for other in others:
        other.write_bytes(b"mine")
    for value in range(3):
        publish(build(tmp_path, value), marts, keep=1)
    assert all(other.read_bytes() == b"mine" for other in others)


def test_only_an_audited_build_that_nobody_touched_is_published(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    path = build(tmp_path, 2)
    revoke_audit(path)
    with pytest.raises(PublishError, match="passed its tests"):
        publish(path, marts, keep=5)
    path = build(tmp_path, 3)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE fct_calls SET build = 4")
    with pytest.raises(PublishError, match="passed its tests"):
        publish(path, marts, keep=5)
    with pytest.raises(PublishError, match="passed its tests"):
        publish(tmp_path / "none.marts", marts, keep=5)
    assert read(marts) == 1


def test_a_published_build_is_not_published_again(tmp_path: Path, marts: Path) -> None:
    path = build(tmp_path, 1)
    assert publishing.published_version(path, marts) is None
    first = publish(path, marts, keep=5).version
    assert publishing.published_version(path, marts) == first
    second = publish(build(tmp_path, 2), marts, keep=5).version
    assert publishing.published_version(path, marts) == second
    rollback(marts)
    assert publishing.published_version(path, marts) == first, "a rollback lasts until the next build"
    assert publishing.published_version(build(tmp_path, 3), marts) is None


@pytest.mark.parametrize("lost", ["link", "version", "mark"])
def test_what_was_lost_is_published_again(tmp_path: Path, marts: Path, lost: str) -> None:
    path = build(tmp_path, 1)
    version = publish(path, marts, keep=5).version
    {"link": marts, "version": version, "mark": path.with_name(f"{path.name}.audited")}[lost].unlink()
    assert publishing.published_version(path, marts) is None
    mark_audited(path)
    publish(path, marts, keep=5)
    assert read(marts) == 1


def test_a_publication_that_was_cut_off_is_made_again(tmp_path: Path, marts: Path, monkeypatch) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    path = build(tmp_path, 2)
    with monkeypatch.context() as patch:
        patch.setattr(publication, "point_link", crash)
        with pytest.raises(KeyboardInterrupt):
            publish(path, marts, keep=5)
    assert publishing.published_version(path, marts) is None


def test_no_room_left_keeps_the_old_version(tmp_path: Path, marts: Path) -> None:
    publish(build(tmp_path, 1), marts, keep=5)
    big = build(tmp_path, 2, rows=500_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(PublishError, match=r"no space left.*did not change"):
            publish(big, marts, keep=5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read(marts) == 1
    assert [path for path in marts.parent.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("refusal", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, marts: Path, monkeypatch, refusal: OSError) -> None:
    publish(build(tmp_path, 1), marts, keep=5)

    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(PublishError, match="published folder cannot be written"):
        publish(build(tmp_path, 2), marts, keep=5)
    assert read(marts) == 1


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (duckdb.IOException("No space left on device: jane.doe@canary.example"), ": the disk is full. The published"),
        (duckdb.ConversionException("jane.doe@canary.example"), ": ConversionException. The published"),
        (OSError(errno.EMFILE, "jane.doe@canary.example"), ": Too many open files. The published"),
        (OSError("jane.doe@canary.example"), ": OSError. The published"),
    ],
)
def test_errors_contain_no_text_of_other_programs(tmp_path: Path, raised: Exception, message: str) -> None:
    """DuckDB's texts quote values of the marts."""
    with pytest.raises(PublishError) as error, user_facing_errors(tmp_path, "CALL_ATTRIBUTION_MARTS"):
        raise raised
    assert str(error.value) == f"{tmp_path}{message} version did not change."


def test_bytes_are_copied_where_the_kernel_cannot(tmp_path: Path, marts: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    result = publish(build(tmp_path, 1, rows=100_000), marts, keep=5)
    assert result.version.read_bytes() == (tmp_path / "warehouse.duckdb.marts").read_bytes()


def build_with_parquet(folder: Path, value: int) -> tuple[Path, Path]:
    """A build of Spark: the file, and the marts as Parquet."""
    parquet = folder / "parquet"
    (parquet / "fct_calls").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {value} AS build) TO '{parquet}/fct_calls/part.parquet'")
    file = build(folder, value)
    mark_audited(file, parquet)
    return file, parquet


def read_parquet(marts: Path) -> int:
    [(value,)] = duckdb.execute(f"SELECT build FROM '{publishing.parquet_of(marts)}/fct_calls/*.parquet'").fetchall()
    return value


def test_parquet_is_published_beside_the_file_and_goes_back_with_it(tmp_path: Path, marts: Path) -> None:
    for value in (1, 2, 3):
        file, parquet = build_with_parquet(tmp_path, value)
        publish(file, marts, keep=2, parquet=parquet)
        assert (read(marts), read_parquet(marts)) == (value, value)
    link = publishing.parquet_of(marts)
    assert [path.stem for path in versions(link)] == [path.stem for path in versions(marts)] and len(
        versions(link)
    ) == 2
    rollback(marts)
    assert (read(marts), read_parquet(marts)) == (2, 2)
    # What was rolled back from counts among the kept versions, in both forms.
    file, parquet = build_with_parquet(tmp_path, 4)
    publish(file, marts, keep=2, parquet=parquet)
    assert (read(marts), read_parquet(marts)) == (4, 4)
    assert [path.stem for path in versions(link)] == [path.stem for path in versions(marts)]


def test_parquet_is_never_newer_than_the_file(tmp_path: Path, marts: Path) -> None:
    """Builds of both engines, one after the other: the link shows the last one of Spark's up to the current version."""
    publish(build(tmp_path, 1), marts, keep=5)
    file, parquet = build_with_parquet(tmp_path, 2)
    publish(file, marts, keep=5, parquet=parquet)
    publish(build(tmp_path, 3), marts, keep=5)
    assert (read(marts), read_parquet(marts)) == (3, 2)
    rollback(marts)
    assert (read(marts), read_parquet(marts)) == (2, 2)
    rollback(marts)
    assert read(marts) == 1 and not os.path.lexists(publishing.parquet_of(marts))


def test_a_crash_between_the_two_forms_leaves_the_old_ones(tmp_path: Path, marts: Path, monkeypatch) -> None:
    file, parquet = build_with_parquet(tmp_path, 1)
    publish(file, marts, keep=5, parquet=parquet)
    file, parquet = build_with_parquet(tmp_path, 2)
    with monkeypatch.context() as patched:
        patched.setattr(publication, "point_link", crash)
        with pytest.raises(KeyboardInterrupt):
            publish(file, marts, keep=5, parquet=parquet)
    assert (read(marts), read_parquet(marts)) == (1, 1)
    publish(file, marts, keep=5, parquet=parquet)
    assert (read(marts), read_parquet(marts)) == (2, 2)
    assert len(versions(publishing.parquet_of(marts))) == len(versions(marts)) == 2


def test_parquet_that_somebody_touched_is_not_published(tmp_path: Path, marts: Path) -> None:
    file, parquet = build_with_parquet(tmp_path, 1)
    (parquet / "fct_calls" / "more.parquet").write_bytes(b"")
    with pytest.raises(PublishError, match="not the result of a complete build"):
        publish(file, marts, keep=5, parquet=parquet)
