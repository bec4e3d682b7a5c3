"""A landing folder in an object store, on moto's HTTP server."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.lib.sources import run, stores
from orchestration.lib.sources.run import ExtractionResult
from tests.harness import Project

TABLE = "web/sessions"
ROW = {"ID": "s1", "COOKIE_ID": "c", "EVENT_DATE": "2024-05-01 10:00:00"}
HEADER = "ID,COOKIE_ID,EVENT_DATE\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path, config_dir=tmp_path / "config")
    (tmp_path / "config").mkdir()
    configure(project, url="s3://acme/exports/")
    return project


def configure(project: Project, **changes: Any) -> None:
    entry = {"tables": [TABLE], **changes}
    assert project.settings.config_dir
    (project.settings.config_dir / "sources.yml").write_text(yaml.safe_dump({"object_store": entry}))


def put(bucket: Any, name: str, *ids: str) -> None:
    body = HEADER + "".join(f"{one},c,2024-05-01 10:00:00\n" for one in ids)
    bucket.put_object(Bucket="acme", Key=f"exports/{TABLE}/{name}", Body=body.encode())


def extract(project: Project) -> ExtractionResult:
    (result,) = run.extract_all(project.settings, run.live_tables(project.settings, {}), {})
    return result


def local(project: Project) -> dict[str, str]:
    """What landing would read."""
    folder = project.settings.landing_dir / TABLE
    return {path.name: path.read_text() for path in sorted(folder.glob("[!.]*"))}


def test_new_and_changed_objects_are_copied_once(bucket: Any, project: Project) -> None:
    put(bucket, "day 1/x:y/a.csv", "a")
    put(bucket, "../../a.csv", "elsewhere")
    put(bucket, "b.csv", "b")
    put(bucket, "_temporary/c.csv", "c")
    put(bucket, "d.csv.part", "d")
    put(bucket, "notes.md", "e")
    # The key of an object is never a path.
    assert extract(project).files == ("b.csv", "day%201%2Fx%3Ay%2Fa.csv")
    assert extract(project).files == ()
    landed = project.settings.landing_dir / TABLE
    before = (landed / "b.csv").stat().st_ino
    put(bucket, "b.csv", "b", "b2")
    bucket.delete_object(Bucket="acme", Key=f"exports/{TABLE}/day 1/x:y/a.csv")
    again = extract(project)
    assert again.files == ("b.csv",) and again.notes["known_objects"] == 0
    assert (landed / "b.csv").stat().st_ino != before, "replaced in one step, never written in place"
    assert [name for name in local(project)] == ["b.csv", "day%201%2Fx%3Ay%2Fa.csv"]
    assert local(project)["b.csv"].count("\n") == 3


def test_links_in_the_landing_folder_are_not_written_to(bucket: Any, project: Project, tmp_path: Path) -> None:
    put(bucket, "a.csv", "a")
    folder = project.settings.landing_dir / TABLE
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (folder / "a.csv.part").symlink_to(victim)
    assert extract(project).files == ("a.csv",)
    assert (folder / "a.csv").is_file() and not (folder / "a.csv").is_symlink()
    (folder / stores.COPIED).unlink()
    (folder / stores.COPIED).symlink_to(victim)
    assert stores.COPIED in str(extract(project).error)
    (folder / stores.COPIED).unlink()
    os.mkfifo(folder / stores.COPIED)
    assert "Not a regular file" in str(extract(project).error)
    assert victim.read_text() == "mine"


def test_a_damaged_record_of_copies_means_that_objects_are_copied_again(bucket: Any, project: Project) -> None:
    put(bucket, "a.csv", "a")
    put(bucket, "b.csv", "b")
    assert extract(project).files == ("a.csv", "b.csv")
    record = project.settings.landing_dir / TABLE / stores.COPIED
    known = [line for line in record.read_bytes().splitlines() if b"a.csv" in line]
    record.write_bytes(b'[1]\n{"x": 1}\n"s"\n{"name": 1, "version": "2"}\n\xff\x00\n' + known[0] + b'\n{"nam')
    assert extract(project).files == ("b.csv",)
    assert extract(project).files == ()


def test_a_changed_object_is_a_new_revision_of_its_file(bucket: Any, project: Project) -> None:
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c"}])
    for ids in (["a", "b"], ["a", "c"]):
        put(bucket, "x.csv", *ids)
        extract(project)
        project.land()
    revisions = project.query("select revision from warehouse.landing.files where source = 'web' order by all")
    assert [row["revision"] for row in revisions] == [1, 2]
    # Rows that it no longer has are kept: a deletion must be explicit.
    assert [row["_row_key"] for row in project.query("from warehouse.raw_web.sessions order by all")] == ["a", "b", "c"]


def test_an_interrupted_copy_goes_on_with_what_is_missing(
    bucket: Any, project: Project, in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        put(bucket, name, name)
    download, calls = stores._download, []

    def killed(*arguments: Any) -> None:
        calls.append(arguments[3].key)
        if len(calls) == 2:
            arguments[-1].write_text("half of")
            raise KeyboardInterrupt
        download(*arguments)

    monkeypatch.setattr(stores, "_download", killed)
    with pytest.raises(KeyboardInterrupt):
        extract(project)
    assert list(local(project)) == ["a.csv", "b.csv.part"]
    # An incomplete record does not count.
    with open(project.settings.landing_dir / TABLE / stores.COPIED, "a") as file:
        file.write('{"name": "c.c')
    assert extract(project).files == ("b.csv", "c.csv")
    assert calls == ["a.csv", "b.csv", "b.csv", "c.csv"]
    assert list(local(project)) == ["a.csv", "b.csv", "c.csv"] and "half" not in str(local(project))


def test_an_object_that_changes_during_its_copy_is_left_to_the_next_run(
    bucket: Any, project: Project, in_this_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "a.csv", "a")
    listed = stores._objects

    def late(*arguments: Any) -> Any:
        yield from list(listed(*arguments))
        put(bucket, "a.csv", "b")

    monkeypatch.setattr(stores, "_objects", lambda *arguments: list(late(*arguments)))
    assert "an object changed while it was copied. The next run copies it" in str(extract(project).error)
    monkeypatch.setattr(stores, "_objects", listed)
    assert extract(project).files == ("a.csv",)


def test_errors_contain_nothing_of_the_request(bucket: Any, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project, url="s3://nobodys-bucket/x")
    error = str(extract(project).error)
    assert error.startswith("s3://nobodys-bucket/x/web/sessions cannot be read (FileNotFoundError)") or not error
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    configure(project, url="s3://acme/exports")
    error = str(extract(project).error)
    assert "s3://acme/exports/web/sessions cannot be read (" in error
    assert "secret-word" not in error and "127.0.0.1" not in error
