"""`make clean` removes the sample and nothing else."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.errors import UserError
from orchestration.lib.sample import NOTE, folder
from tests.harness import Project


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample, written once: it takes three seconds."""
    path = tmp_path_factory.mktemp("written")
    folder.write(Project(path).settings, 200, 1, lambda line: None)
    return path


@pytest.fixture
def project(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(folder, "PROJECT_DIR", tmp_path / "checkout")
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path, project_dir=tmp_path / "checkout")


def test_what_belongs_to_the_user_is_kept(project: Project) -> None:
    settings = project.settings
    of_user = [
        settings.warehouse.with_name("warehouse.duckdb.backup-before-migration"),
        settings.warehouse.with_name("warehouse.duckdb2"),
        settings.marts,
        settings.landing_dir / "web" / "sessions" / "mine.csv",
        settings.landing_dir / "notes.txt",
    ]
    for path in of_user:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    empty = settings.landing_dir / "calls" / "my_provider"
    empty.mkdir(parents=True)
    built = [settings.warehouse, settings.marts_build, Path(f"{settings.warehouse}.marts.audited")]
    for path in built:
        path.write_text("built from the sample")

    folder.clean(settings, lambda line: None)
    assert [path for path in of_user if not path.exists()] == []
    assert empty.is_dir()
    assert [path for path in built if path.exists()] == []
    landed = sorted(str(path.relative_to(settings.landing_dir)) for path in settings.landing_dir.rglob("*.*"))
    assert landed == ["notes.txt", "web/sessions/mine.csv"]
    assert not folder.expected_dir(settings).exists()


def test_files_beside_the_sample_cause_a_warning(project: Project) -> None:
    reported: list[str] = []
    (project.settings.landing_dir / ".DS_Store").touch()
    folder.warn_of_a_mixture(project.settings, reported.append)
    assert reported == []

    mine = project.settings.landing_dir / "web" / "sessions" / "mine.csv"
    mine.write_text("ID\n")
    folder.warn_of_a_mixture(project.settings, reported.append)
    [warning] = reported
    assert "web/sessions/mine.csv" in warning and "make clean" in warning

    folder.clean(project.settings, lambda line: None)
    folder.warn_of_a_mixture(project.settings, reported.append)
    assert reported == [warning]


def test_a_sample_alone_leaves_nothing(project: Project) -> None:
    folder.clean(project.settings, lambda line: None)
    assert [path for path in project.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kind", ["csv", "parquet", "broken parquet"])
def test_a_file_of_the_user_with_the_name_of_a_samples_file_is_kept(project: Project, kind: str) -> None:
    landing = project.settings.landing_dir
    replaced = sorted(landing.rglob(f"*.{kind.rpartition(' ')[2]}"))[0]
    if kind == "parquet":
        duckdb.execute(f"COPY (SELECT 1 AS mine) TO '{replaced}' (FORMAT parquet)")
    else:
        replaced.write_text("mine")
    with pytest.raises(UserError, match=str(replaced.relative_to(landing))):
        folder.write(project.settings, 300, 1, lambda line: None)
    folder.clean(project.settings, lambda line: None)
    assert [path for path in landing.rglob("*") if path.is_file()] == [replaced]


def test_a_sample_of_an_earlier_version_is_known(project: Project) -> None:
    note = folder.expected_dir(project.settings) / NOTE
    noted = json.loads(note.read_text())
    del noted["digests"]
    note.write_text(json.dumps(noted | {"calls_by_channel": {"Direct": 1}}))
    folder.clean(project.settings, lambda line: None)
    assert not list(project.settings.landing_dir.rglob("*.csv"))


def test_rows_that_only_the_warehouse_has_are_not_removed(project: Project) -> None:
    """A landed row stays when its file is removed, so it could not land again."""
    settings = project.settings
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("CREATE SCHEMA landing")
        con.execute("CREATE TABLE landing.files AS SELECT 'salesforce/Lead/mine.csv' AS path")
    with pytest.raises(UserError, match=r"rows of files that are no longer in .*such as salesforce/Lead/mine\.csv"):
        folder.clean(settings, lambda line: None)
    assert settings.warehouse.exists() and list(settings.landing_dir.rglob("*.csv"))
    mine = settings.landing_dir / "salesforce" / "Lead" / "mine.csv"
    mine.write_text("Id\n")
    folder.clean(settings, lambda line: None)
    assert not settings.warehouse.exists() and mine.exists()
