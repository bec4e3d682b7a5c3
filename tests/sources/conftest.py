"""The servers once per session, the content once per test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from orchestration.lib.sources import copying
from tests.sources import servers


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    with servers.postgres() as address:
        yield address


@pytest.fixture
def database(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty schema salesforce."""
    monkeypatch.setenv("TEST_DATABASE_URL", postgres_address)
    engine = create_engine(postgres_address)
    with engine.begin() as connection:
        # dlt's reader of an interrupted test keeps its transaction until Python collects it, and the drop would wait.
        others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        connection.execute(text(f"select pg_terminate_backend(pid) {others}"))
        connection.execute(text("drop schema if exists salesforce cascade"))
        connection.execute(text("create schema salesforce"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def store_address() -> Iterator[str]:
    with servers.object_store() as address:
        yield address


@pytest.fixture
def bucket(store_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator:
    """An empty bucket, and the environment in which s3fs finds it."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": store_address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "secret-word",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="acme")
    yield client
    for found in client.list_objects_v2(Bucket="acme").get("Contents", []):
        client.delete_object(Bucket="acme", Key=found["Key"])
    client.delete_bucket(Bucket="acme")


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that replace a function of a copy."""
    monkeypatch.setattr(copying, "copy", lambda job, seconds: copying.copied(job))
