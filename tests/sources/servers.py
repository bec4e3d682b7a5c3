"""Real servers on this machine's loopback interface: Postgres, and S3 as moto answers it over HTTP."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

NEEDED = "Postgres is not installed: on Debian `sudo apt-get install postgresql` (CI's script does)."


def _binary(name: str) -> str | None:
    """Debian keeps the server's programs outside the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server of our own, which an unprivileged user runs: Postgres refuses root."""
    initdb, server = _binary("initdb"), _binary("pg_ctl")
    if initdb is None or server is None:
        if os.environ.get("CI"):
            pytest.fail(NEEDED)
        pytest.skip(NEEDED)
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    as_user = user if os.geteuid() == 0 else None
    # Not below pytest's folder, which other users cannot enter.
    with TemporaryDirectory(prefix="postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data, port = Path(folder, "data"), free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"

        def run(*command: str) -> None:
            subprocess.run(command, check=True, capture_output=True, user=as_user, cwd=folder)

        run(initdb, "-D", str(data), "-U", "test", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        run(server, "-D", str(data), "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg2://test:secret-word@127.0.0.1:{port}/postgres"
        finally:
            run(server, "-D", str(data), "-m", "immediate", "stop")


@contextmanager
def object_store() -> Iterator[str]:
    """The address of an S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
