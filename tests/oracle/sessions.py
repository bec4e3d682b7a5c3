"""Sessions and the forms in them: R1.9, R1.10, R4, and the last activity that R1.4 and R3.4 need."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import values
from .channels import Web
from .dataset import Dataset, Row, Seeds, Variables


@dataclass
class Form:
    """A live form submit or chat."""

    id: str
    cookie: str | None
    session_name: str | None
    at: datetime
    email: str | None
    is_chat: bool
    row: Row
    session: Session | None = None

    @property
    def is_conversion(self) -> bool:
        """A form submit, or a chat that gave an email address."""
        return not self.is_chat or self.email is not None

    @property
    def known_cookie(self) -> str | None:
        """R1.9: a form's cookie is its own, else its session's."""
        return self.cookie or (self.session.cookie if self.session else None)


@dataclass
class PageView:
    id: str
    cookie: str | None
    session_name: str | None
    at: datetime
    row: Row


@dataclass
class Session:
    """A live session."""

    id: str
    cookie: str | None
    visitor: str | None
    started_at: datetime
    web: Web
    activities: list[datetime] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    row: Row | None = None  # the source's row, or the page view with the attributes
    source_channel: str | None = None
    channel_path: str = ""
    is_direct: bool = False

    @property
    def last_activity_at(self) -> datetime:
        """The session's last page view or form submit; without any, its start."""
        return max([self.started_at, *self.activities])


def read_forms(dataset: Dataset) -> list[Form]:
    forms = []
    for row in dataset.live("web/form_submits"):
        at = row.time("EVENT_DATE")
        if at is None:
            continue
        is_chat = (row.text("FORM_TYPE") or "").lower() == "chat"
        forms.append(
            Form(row.key, row.cookie("COOKIE_ID"), row.text("SESSION_ID"), at, row.email("EMAIL"), is_chat, row)
        )
    return sorted(forms, key=lambda form: (form.at, form.id))


def read_page_views(dataset: Dataset) -> list[PageView]:
    views = []
    for row in dataset.live("web/page_views"):
        at = row.time("EVENT_DATE")
        if at is not None and is_page_view(row):
            views.append(PageView(row.key, row.cookie("COOKIE_ID"), row.text("SESSION_ID"), at, row))
    return sorted(views, key=lambda view: (view.at, view.id))


def is_page_view(row: Row) -> bool:
    """R4.1: a scroll or a click is not activity."""
    kind = re.sub("[_ -]", "", (row.text("TYPE") or "page").lower())
    return kind in {"pageview", "page", "virtualpageview", "screenview", "screen"}


def uses_page_views(dataset: Dataset, variables: Variables) -> bool:
    """R4.1, R1.10: sessions come from web/sessions if it has live rows."""
    if variables.session_source == "auto":
        return not any(row.is_live() for row in dataset.newest("web/sessions"))
    return variables.session_source == "page_views"


def own_hosts(dataset: Dataset, variables: Variables) -> list[str]:
    """R4.1: ours are the hosts of the variable; when it is empty, the hosts of the pages seen, forms' pages too.

    There `www.` is left out, so that a site with and without it is one.
    """
    if variables.own_hosts:
        return [host for site in variables.own_hosts if (host := values.site_host(site.strip(".")))]
    pages = [("web/page_views", "CURRENT_PAGE"), ("web/form_submits", "CURRENT_PAGE")]
    if not uses_page_views(dataset, variables):
        pages.append(("web/sessions", "LANDING_PAGE"))
    seen = {
        values.site_host(row.text(f"{name}_RAW") or row.text(name))
        for table, name in pages
        for row in dataset.live(table)
    }
    return sorted(host.removeprefix("www.") for host in seen if host)


def build_sessions(dataset: Dataset, variables: Variables, seeds: Seeds) -> tuple[list[Session], list[Form]]:
    """The live sessions in order of start and id, with their forms and last activity."""
    ours = own_hosts(dataset, variables)
    forms = read_forms(dataset)
    views = read_page_views(dataset)
    if uses_page_views(dataset, variables):
        sessions = sessions_from_page_views(views, forms, ours, variables, seeds)
    else:
        sessions = source_sessions(dataset, ours, variables, seeds)
        assign_page_views(sessions, views, variables)
    sessions.sort(key=lambda session: (session.started_at, session.id))
    assign_forms(sessions, forms, variables)
    return sessions, forms


def source_sessions(dataset: Dataset, ours: list[str], variables: Variables, seeds: Seeds) -> list[Session]:
    sessions = []
    for row in dataset.live("web/sessions"):
        started_at = row.time("EVENT_DATE")
        if started_at is None:
            continue
        session = Session(
            row.key,
            row.cookie("COOKIE_ID"),
            row.cookie("VISITOR_ID"),
            started_at,
            Web.of_session(row, ours, variables, seeds),
        )
        session.row = row
        session.source_channel = row.text("CHANNEL")
        sessions.append(session)
    return sessions


def sessions_from_page_views(
    views: list[PageView], forms: list[Form], ours: list[str], variables: Variables, seeds: Seeds
) -> list[Session]:
    """R4.1, R4.2: a pause of more than 30 minutes or an arrival opens a session; a form may open one too."""
    timeout = timedelta(minutes=variables.session_timeout_minutes)
    events: dict[str, list[tuple[datetime, int, str, PageView | None]]] = {}
    for view in views:
        if view.cookie is not None:
            events.setdefault(view.cookie, []).append((view.at, 0, view.id, view))
    for form in forms:
        if form.cookie is not None:
            events.setdefault(form.cookie, []).append((form.at, 1, form.id, None))

    sessions = []
    for cookie, happened in events.items():
        current: Session | None = None
        previous_at = datetime.min
        previous_web: Web | None = None
        clicks: set[tuple[tuple[str, str], ...]] = set()  # of the current session
        has_attributes = False
        for at, _, identifier, view in sorted(happened, key=lambda event: event[:3]):
            web = Web.of_page_view(view.row, ours, variables, seeds) if view else Web.nothing(ours, variables, seeds)
            arrives = web.is_arrival and not (web.click_values and web.click_values in clicks)
            if view and not variables.repeated_referrer_starts_session and previous_web is not None:
                arrives &= (web.origin, web.click_values) != (previous_web.origin, previous_web.click_values)
            if view:
                previous_web = web
            if current is None or at - previous_at > timeout or arrives:
                clicks = set()
                name = identifier if view else f"form-{identifier}"
                current = Session(name, cookie, None, at, web)
                has_attributes = view is not None
                current.row = view.row if view else None
                current.visitor = view.row.cookie("VISITOR_ID") if view else None
                sessions.append(current)
            elif view is not None and not has_attributes:  # R4.2: the attributes are those of the first page view
                current.web, current.row, has_attributes = web, view.row, True
                current.visitor = view.row.cookie("VISITOR_ID")
            if view is not None:
                current.activities.append(at)
            clicks.add(web.click_values)
            previous_at = at
    # Forms are activity as soon as they are assigned (R1.9), which puts them into the same sessions.
    return sessions


def assign_page_views(sessions: list[Session], views: list[PageView], variables: Variables) -> None:
    """R4.1: page views beside source sessions give last activity: to the session that they name, else by time."""
    timeout = timedelta(minutes=variables.session_timeout_minutes)
    by_id = {session.id: session for session in sessions}
    by_cookie = group_by_cookie(sessions)
    for view in views:
        session = by_id.get(view.session_name or "")
        if session is None:
            same_cookie = by_cookie.get(view.cookie or "", [])
            fitting = [s for s in same_cookie if s.started_at <= view.at and view.at - s.last_activity_at <= timeout]
            session = last_started(fitting)
        if session is not None:
            session.activities.append(view.at)


def assign_forms(sessions: list[Session], forms: list[Form], variables: Variables) -> None:
    """R1.9: a form belongs to the live session that it names, else to the cookie's session that was still open.

    Forms are assigned in order of time, then id, and each is activity from then on; page views are from the start.
    """
    timeout = timedelta(minutes=variables.session_timeout_minutes)
    by_id = {session.id: session for session in sessions}
    by_cookie = group_by_cookie(sessions)
    for form in forms:
        form.session = by_id.get(form.session_name or "")
        if form.session is None:
            same_cookie = by_cookie.get(form.cookie or "", [])
            fitting = [s for s in same_cookie if s.started_at <= form.at and form.at - s.last_activity_at <= timeout]
            form.session = last_started(fitting)
        if form.session is not None:
            form.session.forms.append(form)
            form.session.activities.append(form.at)


def group_by_cookie(sessions: list[Session]) -> dict[str, list[Session]]:
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        if session.cookie is not None:
            groups.setdefault(session.cookie, []).append(session)
    return groups


def last_started(sessions: list[Session]) -> Session | None:
    """Of several sessions the one that started last; of those that started together, the smallest id (R1.5)."""
    if not sessions:
        return None
    latest = max(session.started_at for session in sessions)
    return min((s for s in sessions if s.started_at == latest), key=lambda session: session.id)
