"""A Spark Thrift server of one test: a process of its own, which knows nothing of this project."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lib.engines.spark import session

SECONDS_TO_START = 180
JAVA_OPTIONS = [f"-Dlog4j2.configurationFile={session.LOGGING.as_uri()}", "-Duser.timezone=Asia/Kolkata"]
# What dbt has to set in its sessions is another thing here: the zone, and by Spark's defaults ANSI mode, the type of
# times and how partitions are overwritten. The metastore is Hive's, as on servers that remember their tables.
CONF = {
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": " ".join(JAVA_OPTIONS),
    "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
    "spark.ui.enabled": "false",
}

# Each thread reads all of Hive's settings when it begins; by default there are a hundred.
HIVE_CONF = {"hive.server2.thrift.bind.host": "127.0.0.1", "hive.server2.async.exec.threads": "4"}


@dataclass(frozen=True)
class Server:
    """Where it listens."""

    port: int

    def environment(self) -> dict[str, str]:
        """What docs/engines.md has a user set to reach it."""
        return {
            "CALL_ATTRIBUTION_TARGET": "spark",
            "CALL_ATTRIBUTION_SPARK_METHOD": "thrift",
            "CALL_ATTRIBUTION_SPARK_HOST": "127.0.0.1",
            "CALL_ATTRIBUTION_SPARK_PORT": str(self.port),
        }

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A session beside dbt's, without any of its settings."""
        from pyhive import hive  # pyright: ignore[reportMissingImports]

        with hive.connect(host="127.0.0.1", port=self.port) as connection:
            yield connection.cursor()


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Starts a server that keeps all it has in a folder, and ends it."""
    import pyspark  # pyright: ignore[reportMissingImports]

    folder.mkdir()
    assert pyspark.__file__
    home = Path(pyspark.__file__).parent
    server = Server(_free_port())
    conf = CONF | {"spark.sql.warehouse.dir": str(folder / "tables"), "spark.local.dir": str(folder / "spill")}
    hive_conf = HIVE_CONF | {"hive.server2.thrift.port": str(server.port)}
    line = [str(home / "bin" / "spark-submit"), "--master", "local[2]"]
    line += ["--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"]
    for option, settings in (("--conf", conf), ("--hiveconf", hive_conf)):
        if option == "--hiveconf":
            line.append("spark-internal")
        for name, value in settings.items():
            line += [option, f"{name}={value}"]
    log = folder / "server.log"
    environment = os.environ | {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    with log.open("wb") as output:
        process = subprocess.Popen(line, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            _await(server, process, log)
            yield server
        finally:
            process.kill()
            process.wait()


def _await(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
