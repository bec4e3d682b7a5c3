"""What the Spark target needs on this machine: Java and pyspark.

This module is separate from the session, because dbt is called in more places than a session is started, and each call
checks first.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR

JAVA_FROM = 17


class SparkMissing(UserError):
    """Something that Spark needs is missing on this machine; the message names it and the remedy."""


@cache
def check() -> None:
    """Stops if Java or pyspark is missing, before a Java gateway fails with a message of its own."""
    check_java()
    for module in ("pyspark", "dbt.adapters.spark"):
        if importlib.util.find_spec(module) is None:
            raise SparkMissing(
                f"The target spark needs {module}, which is not installed. `make build` and `make test-spark` install"
                f" it; by hand: pip install --require-hashes -r {PROJECT_DIR / 'requirements-spark.lock'}"
            )


def check_java() -> None:
    home = os.environ.get("JAVA_HOME", "").strip()
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    looked = f"JAVA_HOME is {home}" if home else "JAVA_HOME is not set, and java is not on the PATH"
    remedy = "Install Java 17 (Debian: openjdk-17-jre-headless) or set JAVA_HOME; on DuckDB no Java is needed."
    if not java or not Path(java).is_file():
        raise SparkMissing(f"Spark needs Java {JAVA_FROM} or later, and none was found: {looked}. {remedy}")
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', answer)
    if not version or int(version[1]) < JAVA_FROM:
        found = f"is Java {version[1]}" if version else "does not report its version"
        raise SparkMissing(f"Spark needs Java {JAVA_FROM} or later; {java} {found}. {remedy}")
