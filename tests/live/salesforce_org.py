"""An org for tests: token, describe, limits, query, queryAll and jobs/query with locators, as Salesforce has them."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.live.standin import Answer, Request

HOST = "acme.my.salesforce.com"
CLIENT_ID, CLIENT_SECRET = "3MVG9-the-client-id", "s3cr3t-client-secret"
VERSION_PATH = "/services/data/v59.0/"
SELECT = re.compile(r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+))?")
CONDITION = re.compile(r"(?P<field>\w+) (?P<operator>>=|=) (?P<value>\S+)")

Row = dict[str, Any]


@dataclass
class Job:
    id: str
    created_at: datetime
    header: list[str]
    rows: list[list[str]]
    polls_left: int
    fails: bool = False
    is_gone: bool = False


@dataclass
class SalesforceOrg:
    """Records by object and id. Its clock stands still until a test moves it. Times have whole seconds, as in
    Salesforce."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    max_page: int = 1_000_000  # the server may send fewer rows than asked for
    polls: int = 1
    fields: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, dict[str, str]] = field(default_factory=dict)  # by object: relationship -> object
    records: dict[str, dict[str, Row]] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    sign_ins: int = 0
    next_job_fails: bool = False
    not_in_bulk: set[str] = field(default_factory=set)
    on_page: Callable[[], None] | None = None
    numbers: int = 0

    # What users and administrators do.

    def add_object(self, name: str, fields: list[str]) -> None:
        self.fields[name] = fields
        self.records[name] = {}

    def save(self, name: str, record_id: str, visible_after: timedelta = timedelta(0), **values: Any) -> None:
        """Creates or changes a record. A slow transaction is seen only some time after its SystemModstamp."""
        known = self.records[name].get(record_id)
        record: Row = dict(known or {"Id": record_id, "CreatedDate": self.now, "IsDeleted": False})
        record.update(values)
        record["LastModifiedDate"] = record["SystemModstamp"] = self.now
        record["_before"] = known if visible_after else None
        record["_visible_at"] = self.now + visible_after
        self.records[name][record_id] = record

    def delete(self, name: str, record_id: str) -> None:
        self.save(name, record_id, IsDeleted=True)

    def undelete(self, name: str, record_id: str) -> None:
        self.save(name, record_id, IsDeleted=False)

    def erase(self, name: str, record_id: str) -> None:
        """Deleted for good: no trace is left."""
        del self.records[name][record_id]

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def seen(self, name: str) -> list[Row]:
        """The records as a query sees them now: uncommitted records are absent, or in their earlier version."""
        versions = (self._visible(record) for record in self.records[name].values())
        return [record for record in versions if record is not None]

    def _visible(self, record: Row | None) -> Row | None:
        while record is not None and record["_visible_at"] > self.now:
            record = record["_before"]
        return record

    # What the API does.

    def answer(self, request: Request) -> Answer:
        if request.path == "/services/oauth2/token":
            return self._token(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        path = request.path.removeprefix(VERSION_PATH).rstrip("/")
        if match := re.fullmatch(r"sobjects/(\w+)/describe", path):
            return self._describe(match[1])
        if path == "limits/recordCount":
            names = request.params["sObjects"].split(",")
            counts = [{"name": name, "count": len(self.records[name])} for name in names if name in self.records]
            return _json({"sObjects": counts})
        if path == "limits":
            return _json({"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}})
        if path in ("query", "queryAll"):
            header, rows = self._select(request.params["q"], deleted_too=path == "queryAll", as_text=False)
            records = [dict(zip(header, row, strict=True)) for row in rows]
            return _json({"totalSize": len(records), "done": True, "records": records})
        if path == "jobs/query" and request.method == "POST":
            return self._create_job(json.loads(request.body))
        if match := re.fullmatch(r"jobs/query/(\w+)(/results)?", path):
            job = self.jobs.get(match[1])
            if job is None or job.is_gone:
                return _error(404, "NOT_FOUND", "The requested resource does not exist")
            return self._results(job, request.params) if match[2] else self._state(job)
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, request: Request) -> Answer:
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        grant = form.get("grant_type")
        if grant == "client_credentials":
            given = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            ok = given == f"{CLIENT_ID}:{CLIENT_SECRET}"
        else:
            ok = grant == "urn:ietf:params:oauth:grant-type:jwt-bearer" and form["assertion"].count(".") == 2
        if not ok:
            return _json({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        self.sign_ins += 1
        token = f"00D-token-{self.sign_ins}"
        self.tokens.add(token)
        return _json({"access_token": token, "instance_url": f"https://{HOST}", "token_type": "Bearer"})

    def _describe(self, name: str) -> Answer:
        if name not in self.fields:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        fields: list[Row] = [{"name": field, "type": "string"} for field in self.fields[name]]
        for relationship, parent in self.parents.get(name, {}).items():
            reference = {"type": "reference", "relationshipName": relationship, "referenceTo": [parent]}
            fields.append({"name": f"{relationship}Id"} | reference)
        return _json({"name": name, "fields": fields})

    def _create_job(self, body: dict[str, str]) -> Answer:
        header, rows = self._select(body["query"], deleted_too=body["operation"] == "queryAll")
        self.numbers += 1
        job = Job(f"750{self.numbers:012d}AAA", self.now, header, rows, self.polls, fails=self.next_job_fails)
        self.next_job_fails = False
        self.jobs[job.id] = job
        return _json(
            {"id": job.id, "state": "UploadComplete", "createdDate": f"{job.created_at:%Y-%m-%dT%H:%M:%S}.000+0000"}
        )

    def _state(self, job: Job) -> Answer:
        if job.polls_left:
            job.polls_left -= 1
            return _json({"id": job.id, "state": "InProgress"})
        if job.fails:
            return _json({"id": job.id, "state": "Failed", "errorMessage": "QUERY_TIMEOUT: took too long"})
        return _json({"id": job.id, "state": "JobComplete", "numberRecordsProcessed": len(job.rows)})

    def _results(self, job: Job, params: dict[str, str]) -> Answer:
        start = int(params.get("locator") or 0)
        end = start + min(int(params["maxRecords"]), self.max_page)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(job.header)
        writer.writerows(job.rows[start:end])
        if self.on_page:
            self.on_page()
        page = job.rows[start:end]
        return Answer(
            200,
            text.getvalue().encode(),
            {
                "Content-Type": "text/csv",
                "Sforce-NumberOfRecords": str(len(page)),
                "Sforce-Locator": str(end) if end < len(job.rows) else "null",
            },
        )

    def _select(self, soql: str, deleted_too: bool, as_text: bool = True) -> tuple[list[str], list[list[Any]]]:
        match = SELECT.fullmatch(soql)
        assert match, soql
        header = match["fields"].split(", ")
        known = set(self.fields[match["object"]])
        for relationship, parent in self.parents.get(match["object"], {}).items():
            known |= {f"{relationship}.{field}" for field in self.fields.get(parent, [])}
        unknown = set(header) - known
        assert not unknown, f"asked for fields that the org does not have: {unknown}"
        conditions = [CONDITION.fullmatch(text) for text in (match["where"] or "").split(" AND ") if text]
        rows = [
            [_csv(row.get(field)) if as_text else _rest(row.get(field)) for field in header]
            for row in self.seen(match["object"])
            if (deleted_too or not row["IsDeleted"]) and all(_holds(row, condition) for condition in conditions)
        ]
        return header, rows


def _holds(row: Row, condition: re.Match[str] | None) -> bool:
    assert condition, "a condition that the stand-in does not know"
    value = row[condition["field"]]
    if condition["operator"] == ">=":
        return value >= datetime.fromisoformat(condition["value"])
    return _csv(value) == condition["value"]


def _csv(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _rest(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%S}.000+0000" if isinstance(value, datetime) else value


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


def _error(status: int, code: str, message: str) -> Answer:
    return _json([{"errorCode": code, "message": message}], status)
