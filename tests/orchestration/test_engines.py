"""What a user reads when the engine that he asked for is not there."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.defs.transform.assets import build_subset
from orchestration.lib import engines
from orchestration.lib.build import Plan, spark_requirements
from orchestration.lib.build.progress import NodeProgress
from orchestration.lib.engines.spark import tables
from orchestration.lib.errors import UserError
from tests.harness import settings_in


def test_without_java_it_says_what_where_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        spark_requirements.SparkMissing, match=r"Java 17 .* java is not on the PATH\. Install Java 17 .*openjdk-17"
    ):
        spark_requirements.check_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(spark_requirements.SparkMissing, match=r"JAVA_HOME is .*nowhere"):
        spark_requirements.check_java()


def test_an_old_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(spark_requirements.SparkMissing, match=r"bin/java is Java 11"):
        spark_requirements.check_java()
    java.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n", encoding="utf-8")
    spark_requirements.check_java()


def test_without_pyspark_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_requirements, "check_java", lambda: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(spark_requirements.SparkMissing, match=r"needs pyspark.*requirements-spark\.lock"):
        spark_requirements.check.__wrapped__()


def test_a_part_of_a_build_on_spark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tables are built together"):
        build_subset(settings_in(tmp_path, target="spark"), set(), set(), NodeProgress(print, {"nodes": {}}))


def test_a_build_on_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_ATTRIBUTION_SPARK_METHOD", "thrift")
    with pytest.raises(UserError, match=r"which a server does not see.*engines\.md"):
        engines.of(settings_in(tmp_path, target="spark")).offer_inputs(Plan("full", "", 0, 0, {}, ()))


@pytest.mark.parametrize("step", range(4))
def test_kept_tables_are_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Whatever step a build is killed in: half of a table would be taken for all of it."""
    folder, part = tmp_path / "finished", tmp_path / ".finished.part"
    for place, name in ((folder, "old"), (part, "new")):
        place.mkdir()
        for number in range(3):
            (place / f"{name}{number}").touch()
    steps = iter(range(4))

    def dies_in(real: Callable[..., None]) -> Callable[..., None]:
        def one_step(*given: object, **options: object) -> None:
            if next(steps) == step:
                raise KeyboardInterrupt
            real(*given, **options)

        return one_step

    monkeypatch.setattr(shutil, "rmtree", dies_in(shutil.rmtree))
    monkeypatch.setattr(os, "rename", dies_in(os.rename))
    with pytest.raises(KeyboardInterrupt):
        tables.replace_folder(folder, part)
    found = {file.name for file in folder.iterdir()} if folder.exists() else set()
    assert found in ({"old0", "old1", "old2"}, set(), {"new0", "new1", "new2"})
