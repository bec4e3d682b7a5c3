"""The journeys of the sample dataset: each contains one case that the rules decide, and states the expected results.

Expected results are written down here, not computed: each verdict, position and evidence follows from a rule.
"""

from __future__ import annotations

from typing import Any

from orchestration.lib.sample.journey import (
    Call,
    Contact,
    Form,
    Journey,
    Lead,
    Mapping,
    Opportunity,
    Role,
    Visit,
)


def task(name: str, at: str | None, verdict: str, **filled: Any) -> Call:
    """A Task without BizibleId whose only call evidence is one filled field."""
    says_nothing = dict.fromkeys(("cookie", "type", "call_type", "duration", "call_object"))
    return Call(name, at, verdict, **{**says_nothing, "subtype": "Task", **filled})


# -- The window (R1.4, R1.5) ------------------------------------------------------------------------------------------

WINDOW = (
    Journey(  # The call starts with the session: the near end is inclusive.
        "call_at_session_start",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+00:00", "merged", "s"),),
    ),
    Journey(  # A microsecond before the far end.
        "call_just_inside_the_window",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+29:59.999999", "merged", "s"),),
    ),
    Journey(  # The far end is inclusive.
        "call_at_the_end_of_the_window",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+30:00", "merged", "s"),),
    ),
    Journey(  # A microsecond after it; later page views do not stretch the window.
        "call_just_outside_the_window",
        (Visit("s", "0d", views=("10:00", "25:00")),),
        calls=(Call("c", "s+30:00.000001", "separate_outside_window", nearest="s"),),
    ),
    Journey(  # Adobe's example: ad click 12:17, call 13:05.
        "call_after_48_minutes",
        (Visit("s", "0d", "google_ad"),),
        calls=(Call("c", "s+48:00", "separate_outside_window", nearest="s"),),
    ),
    Journey(  # A call five seconds before the session's start does not join it.
        "call_before_the_session",
        (Visit("s", "0d"),),
        calls=(Call("c", "s-00:05", "separate_outside_window", nearest="s"),),
    ),
    Journey(  # 31 minutes after one session, 5 before the next: the nearest is the next one.
        "call_between_two_sessions",
        (Visit("s1", "0d"), Visit("s2", "0d 00:36")),
        calls=(Call("c", "s1+31:00", "separate_outside_window", nearest="s2"),),
    ),
    Journey(  # Equally far from both sessions: the nearest is the earlier one.
        "call_halfway_between_two_sessions",
        (Visit("s1", "0d"), Visit("s2", "0d 01:20")),
        calls=(Call("c", "s1+40:00", "separate_outside_window", nearest="s1"),),
    ),
    Journey(  # Two windows contain the call: the session that started last counts.
        "call_in_two_windows",
        (Visit("s1", "0d"), Visit("s2", "0d 00:10", made_by="c")),
        calls=(Call("c", "s1+20:00", "merged", "s2", windows=2),),
    ),
    Journey(  # Both started in the same microsecond: the smallest session id.
        "call_in_two_windows_from_one_start",
        (Visit("s1", "0d", made_by="c"), Visit("s2", "0d")),
        calls=(Call("c", "s1+20:00", "merged", "s1", windows=2),),
    ),
    Journey(  # In the first window, but a session that starts three minutes later is nearer.
        "call_nearer_to_the_next_session",
        (Visit("s1", "0d", made_by="c"), Visit("s2", "0d 00:31")),
        calls=(Call("c", "s1+28:00", "merged", "s1", nearest="s2"),),
    ),
    Journey(  # No session has the cookie.
        "call_of_an_unknown_cookie",
        calls=(Call("c", "0d", "separate_unknown_bizible_id"),),
    ),
    Journey(  # Everyday calls of anonymous visitors.
        "anonymous_call",
        (Visit("s1", "0d"), Visit("s2", "3d 01:00", made_by="c")),
        calls=(Call("c", "s2+04:31", "merged", "s2"),),
        per_million=10_000,
    ),
    Journey(  # And the same with a blank Type, as most calls of many orgs have (R2.1).
        "anonymous_call_without_type",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+02:10", "merged", "s", type=None),),
        per_million=10_000,
    ),
)

# -- Several conversions in a session (R1.6), Types (R2.1, R2.3) ------------------------------------------------------

CONVERSIONS = (
    Journey(
        "two_calls_in_one_session",
        (Visit("s", "0d", made_by="c1"),),
        calls=(Call("c1", "s+05:00", "merged", "s"), Call("c2", "s+10:00", "merged_secondary", "s")),
    ),
    Journey(
        "form_before_call",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+03:00", "s", "p"),),
        (Call("c", "s+08:00", "merged_secondary", "s"),),
        people={"p": {"s": "form"}},
    ),
    Journey(
        "call_before_form",
        (Visit("s", "0d", made_by="c"),),
        (Form("f", "s+08:00", "s", "p"),),
        (Call("c", "s+03:00", "merged", "s"),),
        people={"p": {"s": "form"}},
    ),
    Journey(  # In the same microsecond the form precedes the call.
        "form_and_call_at_once",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+06:00", "s", "p"),),
        (Call("c", "s+06:00", "merged_secondary", "s"),),
        people={"p": {"s": "form"}},
    ),
    Journey(
        "chat_before_call",
        (Visit("s", "0d", made_by="h"),),
        (Form("h", "s+03:00", "s", "p", chat=True),),
        (Call("c", "s+08:00", "merged_secondary", "s"),),
        people={"p": {"s": "chat"}},
    ),
    Journey(  # A chat without an address is not a conversion: the call makes the touchpoint.
        "nameless_chat_before_call",
        (Visit("s", "0d", made_by="c"),),
        (Form("h", "s+03:00", "s", chat=True),),
        (Call("c", "s+08:00", "merged", "s"),),
    ),
    Journey("chat_without_address", (Visit("s", "0d"),), (Form("h", "s+02:00", "s", chat=True),)),
    Journey("form_without_address", (Visit("s", "0d", made_by="f"),), (Form("f", "s+02:00", "s"),)),
    Journey(
        "two_forms_in_one_session",
        (Visit("s", "0d", made_by="f1"),),
        (Form("f1", "s+02:00", "s", "p"), Form("f2", "s+09:00", "s", "p")),
        people={"p": {"s": "form"}},
    ),
    Journey(  # Type unchanged, trimmed; any Type of a tracked call is a Phone Call.
        "left_message",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+07:00", "merged", "s", type="  Left Message "),),
    ),
    Journey(  # Whatever its Type (R1.2): a BizibleId makes it a tracked call.
        "email_with_bizible_id",
        (Visit("s", "0d", made_by="c"),),
        calls=(
            Call(
                "c",
                "s+07:00",
                "merged",
                "s",
                type="Email",
                subtype="Email",
                call_type=None,
                duration=None,
                call_object=None,
            ),
        ),
    ),
    Journey(  # Only white space is blank; the separate call has no medium then.
        "separate_call_without_type",
        (Visit("s", "0d"),),
        calls=(Call("c", "1d", "separate_outside_window", nearest="s", type="   "),),
    ),
)

# -- Identifiers and times (R1.1, R1.3) -------------------------------------------------------------------------------

IDENTIFIERS = (
    Journey(  # With `V_`, capitals and white space: the same cookie.
        "cookie_in_another_spelling",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", cookie_style="shouting"),),
    ),
    Journey(  # Not 32 hexadecimal digits: still matches.
        "cookie_of_the_app",
        (Visit("s", "0d", cookie="app", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", cookie="app"),),
    ),
    Journey(  # The visitor's other cookie is not the session's own: a call joins on COOKIE_ID only.
        "cookie_of_the_visitor_only",
        (Visit("s", "0d", cookie="b", visitor="a"),),
        calls=(Call("c", "s+05:00", "separate_unknown_bizible_id"),),
    ),
    Journey(  # Written two hours after the call: Buyer Touchpoint Date precedes CreatedDate.
        "touchpoint_date_inside_the_window",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+120:00", "merged", "s", touchpoint_at="s+11:00"),),
    ),
    Journey(
        "touchpoint_date_outside_the_window",
        (Visit("s", "0d"),),
        calls=(Call("c", "s+11:00", "separate_outside_window", touchpoint_at="s+45:00", nearest="s"),),
    ),
    Journey(  # A date without a time of day is skipped.
        "touchpoint_date_without_time",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+11:00", "merged", "s", touchpoint_text="{day}"),),
    ),
    Journey(  # So is a value that cannot be read.
        "touchpoint_date_unreadable",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+11:00", "merged", "s", touchpoint_text="on the phone"),),
    ),
    Journey(  # No usable time at all; the due date never counts.
        "calls_without_time",
        (Visit("s", "0d"),),
        calls=(
            Call("c1", None, "none_without_time"),
            Call("c2", None, "none_without_time", time_text="{day}"),
            Call("c3", None, "none_without_time", time_text="after lunch", touchpoint_text="{day}"),
        ),
    ),
    Journey(  # A length that is not a number is listed; the call counts.
        "call_of_unreadable_length",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", duration="about 2 min"),),
    ),
)

# -- Tasks that are not tracked calls (R1.2, R1.8) ---------------------------------------------------------------------

UNTRACKED = (
    Journey(  # Each has other call evidence and no BizibleId.
        "calls_without_bizible_id",
        (Visit("s", "0d"),),
        calls=(
            Call("c1", "s+01:00", "none_without_bizible_id", cookie=None, type=None),
            task("c2", "s+02:00", "none_without_bizible_id", call_type="Outbound"),
            task("c3", "s+03:00", "none_without_bizible_id", call_object="own"),
            task("c4", "s+04:00", "none_without_bizible_id", duration="seconds"),
            task("c5", "s+05:00", "none_without_bizible_id", type="Scheduled CALLback"),
        ),
    ),
    Journey(
        "to_dos",
        (Visit("s", "0d"),),
        calls=(
            task("t1", "s+01:00", "none_not_a_call"),
            task("t2", "s+02:00", "none_not_a_call", type="Follow-up"),
            task("t3", None, "none_not_a_call", type="Letter"),
            task("t4", "s+02:00", "none_deleted", type="Letter", deleted=True),
        ),
    ),
)

# -- Late, edited, deleted (R1.10, R1.11) -----------------------------------------------------------------------------

CHANGES = (
    Journey(
        "type_filled_later",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", type="Call", earlier={"type": None}),),
    ),
    Journey(
        "bizible_id_filled_later",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", earlier={"cookie": None}),),
    ),
    Journey(
        "touchpoint_date_filled_later",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+50:00", "merged", "s", touchpoint_at="s+10:00", earlier={"touchpoint_at": None}),),
    ),
    Journey(
        "call_deleted_later",
        (Visit("s", "0d"),),
        calls=(Call("c", "s+05:00", "none_deleted", deleted=True, earlier={"deleted": False}),),
    ),
    Journey(  # The first call is deleted: the second makes the touchpoint.
        "first_call_deleted_later",
        (Visit("s", "0d", made_by="c2"),),
        calls=(
            Call("c1", "s+05:00", "none_deleted", deleted=True, earlier={"deleted": False}),
            Call("c2", "s+09:00", "merged", "s"),
        ),
    ),
    Journey(
        "session_arrives_late",
        (Visit("s", "0d", late=True, made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s"),),
    ),
    Journey(  # The tracker first gave a start after the call.
        "session_start_corrected",
        (Visit("s", "0d 00:30", earlier_at="0d 01:00", made_by="c"),),
        calls=(Call("c", "0d 00:45", "merged", "s"),),
    ),
    Journey(
        "only_session_deleted",
        (Visit("s", "0d", deleted=True),),
        calls=(Call("c", "s+05:00", "separate_unknown_bizible_id"),),
    ),
    Journey(  # The later of two sessions was merged into the first: the first takes the call.
        "session_merged_away",
        (Visit("s1", "0d", made_by="c"), Visit("s2", "0d 00:04", deleted=True)),
        calls=(Call("c", "s1+09:00", "merged", "s1"),),
    ),
)

# -- Two Tasks for one call (R1.12) -----------------------------------------------------------------------------------

DUPLICATES = (
    Journey(
        "call_written_twice",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", call_object="x"),
            Call("c2", "s+05:20", "merged_duplicate", "s", call_object="x", duplicate_of="c1"),
        ),
    ),
    Journey(  # At the same time: the smallest id is canonical.
        "call_written_twice_at_once",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", call_object="x"),
            Call("c2", "s+05:00", "merged_duplicate", "s", call_object="x", duplicate_of="c1"),
        ),
    ),
    Journey(  # All duplicates name the canonical one, the earliest, not the one with the smallest id.
        "call_written_three_times",
        (Visit("s", "0d", made_by="c3"),),
        calls=(
            Call("c1", "s+05:40", "merged_duplicate", "s", call_object="x", duplicate_of="c3"),
            Call("c2", "s+05:20", "merged_duplicate", "s", call_object="x", duplicate_of="c3"),
            Call("c3", "s+05:00", "merged", "s", call_object="x"),
        ),
    ),
    Journey(
        "separate_call_written_twice",
        (Visit("s", "0d"),),
        calls=(
            Call("c1", "1d", "separate_outside_window", nearest="s", call_object="x"),
            Call("c2", "1d 00:00:30", "separate_duplicate", nearest="s", call_object="x", duplicate_of="c1"),
        ),
    ),
    Journey(  # The first Task is inside the window, its copy outside.
        "call_written_twice_across_the_end",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+29:50", "merged", "s", call_object="x"),
            Call("c2", "s+30:10", "separate_duplicate", nearest="s", call_object="x", duplicate_of="c1"),
        ),
    ),
    Journey(  # The canonical Task was deleted: its duplicate is canonical now.
        "canonical_task_deleted",
        (Visit("s", "0d", made_by="c2"),),
        calls=(
            Call("c1", "s+05:00", "none_deleted", call_object="x", deleted=True, earlier={"deleted": False}),
            Call("c2", "s+05:20", "merged", "s", call_object="x"),
        ),
    ),
    Journey(  # The dialer's copy has no BizibleId: no tracked call, so no duplicate either.
        "copy_without_bizible_id",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", call_object="x"),
            Call("c2", "s+05:01", "none_without_bizible_id", cookie=None, call_object="x"),
        ),
    ),
    Journey(  # Without evidence two calls are never duplicates, however close in time.
        "two_calls_ten_seconds_apart",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", call_object=None),
            Call("c2", "s+05:10", "merged_secondary", "s", call_object=None),
        ),
    ),
    Journey(  # The same number from Description, the same WhoId, 60 seconds apart at most.
        "number_written_twice",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", who="lead", call_object=None, caller=True),
            Call(
                "c2", "s+06:00", "merged_duplicate", "s", who="lead", call_object=None, caller=True, duplicate_of="c1"
            ),
        ),
        leads=(Lead("lead", "p", "1d"),),
        people={"p": {"s": "call"}},
        positions={"lead": {"s": "FT, LC, Form"}},
    ),
    Journey(  # A microsecond more: a second call.
        "number_calls_again",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", who="lead", call_object=None, caller=True),
            Call("c2", "s+06:00.000001", "merged_secondary", "s", who="lead", call_object=None, caller=True),
        ),
        leads=(Lead("lead", "p", "1d"),),
        people={"p": {"s": "call"}},
        positions={"lead": {"s": "FT, LC, Form"}},
    ),
    Journey(  # Two people behind one number.
        "number_of_two_people",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", who="lead_p", call_object=None, caller=True),
            Call("c2", "s+05:30", "merged_secondary", "s", who="lead_q", call_object=None, caller=True),
        ),
        leads=(Lead("lead_p", "p", "1d"), Lead("lead_q", "q", "1d")),
        people={"p": {"s": "call"}, "q": {"s": "call"}},
        positions={"lead_p": {"s": "FT, LC, Form"}, "lead_q": {"s": "FT, LC, Form"}},
    ),
    Journey(  # A duplicate identifies no person.
        "duplicate_names_a_lead",
        (Visit("s", "0d", made_by="c1"),),
        calls=(
            Call("c1", "s+05:00", "merged", "s", call_object="x"),
            Call("c2", "s+05:20", "merged_duplicate", "s", call_object="x", duplicate_of="c1", who="lead"),
        ),
        leads=(Lead("lead", "p", "1d"),),
    ),
)

# -- Which session a form belongs to (R1.9) ---------------------------------------------------------------------------

FORMS = (
    Journey(  # 25 minutes after the last page view.
        "form_without_session",
        (Visit("s", "0d", views=("20:00",), made_by="f"),),
        (Form("f", "s+45:00", None, "p"),),
        people={"p": {"s": "form"}},
    ),
    Journey(  # At most 30 minutes after the last activity.
        "form_without_session_at_the_limit",
        (Visit("s", "0d", views=("20:00",), made_by="f"),),
        (Form("f", "s+50:00", None, "p"),),
        people={"p": {"s": "form"}},
    ),
    Journey(  # The first form is activity for the second.
        "form_without_session_after_another",
        (Visit("s", "0d", made_by="f1"),),
        (Form("f1", "s+25:00", None, "p"), Form("f2", "s+50:00", None, "p")),
        people={"p": {"s": "form"}},
    ),
    Journey(  # Too late for a touch; the address still makes the cookie known.
        "form_without_session_too_late",
        (Visit("s", "0d"),),
        (Form("f", "s+30:00.000001", None, "p"),),
        people={"p": {"s": "form"}},
    ),
    Journey(  # A form never starts a session if the source delivers sessions.
        "form_before_the_session",
        (Visit("s", "0d 00:20"),),
        (Form("f", "0d 00:10", None, "p"),),
        people={"p": {"s": "form"}},
    ),
    Journey(  # The session that it names was merged away: the cookie's last live one.
        "form_of_a_deleted_session",
        (Visit("s1", "0d", made_by="f"), Visit("s2", "0d 00:05", deleted=True)),
        (Form("f", "s1+10:00", "s2", "p"),),
        people={"p": {"s1": "form"}},
    ),
    Journey(  # A form without a cookie has its session's.
        "form_without_cookie",
        (Visit("s1", "0d"), Visit("s2", "2d", made_by="f")),
        (Form("f", "s2+01:00", "s2", "p", cookie=None),),
        people={"p": {"s1": "form", "s2": "form"}},
    ),
    Journey(
        "form_deleted",
        (Visit("s", "0d"),),
        (Form("f", "s+01:00", "s", "p", deleted=True),),
    ),
)

# -- People and positions (R5, R6) ------------------------------------------------------------------------------------

PEOPLE = (
    Journey(  # An address and nothing else: a person without a record has no buyer touchpoints.
        "newsletter_reader",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:30", "s", "p"),),
        people={"p": {"s": "form"}},
        per_million=50_000,
    ),
    Journey(
        "form_makes_a_lead",
        (Visit("s1", "0d"), Visit("s2", "6d 01:00", made_by="f"), Visit("s3", "20d 00:30")),
        (Form("f", "s2+04:00", "s2", "p"),),
        leads=(Lead("lead", "p", "s2+04:30"),),
        people={"p": {"s1": "form", "s2": "form", "s3": "form"}},
        positions={"lead": {"s1": "FT", "s2": "LC, Form"}},
        per_million=25_000,
    ),
    Journey(  # The documented journey: the anonymous ad click is FT, the call LC, the later form PostLC.
        "documented_journey",
        (
            Visit("ad", "0d", "google_ad"),
            Visit("back", "9d 01:00", "direct", made_by="c"),
            Visit("paper", "16d 02:00", "direct", made_by="f"),
        ),
        (Form("f", "paper+03:00", "paper", "p"),),
        (Call("c", "back+12:17", "merged", "back", who="lead"),),
        leads=(Lead("lead", "p", "back+13:00"),),
        people={"p": {"ad": "call", "back": "call", "paper": "call"}},
        positions={"lead": {"ad": "FT", "back": "LC, Form", "paper": "PostLC, Form"}},
        per_million=4_000,
    ),
    Journey(  # No conversion: LC is the last touch at or before the Lead's creation, here to the microsecond.
        "lead_without_conversion",
        (Visit("s1", "0d"), Visit("s2", "4d"), Visit("s3", "12d")),
        leads=(Lead("lead", "p", "s2+00:00"),),
        mappings=(Mapping("m", "p", "a", "1d"),),
        people={"p": {"s1": "mapping", "s2": "mapping", "s3": "mapping"}},
        positions={"lead": {"s1": "FT", "s2": "LC"}},
    ),
    Journey(  # Every touch after the creation and no conversion: no LC.
        "lead_before_any_touch",
        (Visit("s1", "3d"), Visit("s2", "8d")),
        leads=(Lead("lead", "p", "0d"),),
        mappings=(Mapping("m", "p", "a", "9d"),),
        people={"p": {"s1": "mapping", "s2": "mapping"}},
        positions={"lead": {"s1": "FT"}},
    ),
    Journey(
        "one_touch_holds_all",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+05:00", "s", "p"),),
        leads=(Lead("lead", "p", "s+06:00"),),
        people={"p": {"s": "form"}},
        positions={"lead": {"s": "FT, LC, Form"}},
    ),
    Journey(  # Each pair counts: both have every session of the cookie.
        "two_people_share_a_cookie",
        (Visit("s1", "0d", made_by="f1"), Visit("s2", "5d", made_by="f2")),
        (Form("f1", "s1+01:00", "s1", "p"), Form("f2", "s2+01:00", "s2", "q")),
        leads=(Lead("lead_p", "p", "s1+02:00"), Lead("lead_q", "q", "s2+02:00")),
        people={"p": {"s1": "form", "s2": "form"}, "q": {"s1": "form", "s2": "form"}},
        positions={
            "lead_p": {"s1": "FT, LC, Form", "s2": "PostLC, Form"},
            "lead_q": {"s1": "FT, LC, Form", "s2": "PostLC, Form"},
        },
    ),
    Journey(
        "one_person_with_two_cookies",
        (
            Visit("s1", "0d", made_by="f1"),
            Visit("s2", "3d", cookie="b"),
            Visit("s3", "7d", cookie="b", made_by="f2"),
        ),
        (Form("f1", "s1+01:00", "s1", "p"), Form("f2", "s3+01:00", "s3", "p", cookie="b")),
        leads=(Lead("lead", "p", "s1+02:00"),),
        people={"p": {"s1": "form", "s2": "form", "s3": "form"}},
        positions={"lead": {"s1": "FT, LC, Form", "s3": "PostLC, Form"}},
    ),
    Journey(  # The mapping names the visitor: all cookies of the visitor's sessions.
        "visitor_with_two_cookies",
        (Visit("s1", "0d"), Visit("s2", "2d", cookie="b", visitor="a")),
        leads=(Lead("lead", "p", "10d"),),
        mappings=(Mapping("m", "p", "a", "1d"),),
        people={"p": {"s1": "mapping", "s2": "mapping"}},
        positions={"lead": {"s1": "FT", "s2": "LC"}},
    ),
    Journey(
        "cookie_on_the_contact",
        (Visit("s1", "0d"), Visit("s2", "2d")),
        contacts=(Contact("contact", "p", "3d", cookie="a"),),
        people={"p": {"s1": "crm", "s2": "crm"}},
        positions={"contact": {"s1": "FT", "s2": "LC"}},
    ),
    Journey(  # Two records with one address have two rows per touch.
        "lead_and_contact_with_one_address",
        (Visit("s1", "0d"), Visit("s2", "30d", made_by="f1"), Visit("s3", "60d", made_by="f2")),
        (Form("f1", "s2+01:00", "s2", "p"), Form("f2", "s3+01:00", "s3", "p")),
        leads=(Lead("lead", "p", "s2+02:00"),),
        contacts=(Contact("contact", "p", "40d"),),
        people={"p": {"s1": "form", "s2": "form", "s3": "form"}},
        positions={
            "lead": {"s1": "FT", "s2": "LC, Form", "s3": "PostLC, Form"},
            "contact": {"s1": "FT", "s2": "LC, Form", "s3": "PostLC, Form"},
        },
    ),
    Journey(  # The Lead's address becomes a further address of the Contact.
        "converted_lead_with_another_address",
        (Visit("s1", "0d"), Visit("s2", "1d", made_by="f1"), Visit("s3", "45d", cookie="b", made_by="f2")),
        (Form("f1", "s2+01:00", "s2", "p"), Form("f2", "s3+01:00", "s3", "q", cookie="b")),
        leads=(Lead("lead", "p", "2d", converted_to="contact"),),
        contacts=(Contact("contact", "q", "40d"),),
        people={"p": {"s1": "form", "s2": "form"}, "q": {"s3": "form"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form", "s3": "PostLC, Form"}},
    ),
    Journey(  # And the Contact's creation is the earlier of the two: LC is the touch before the Lead.
        "converted_lead_without_conversion",
        (Visit("s1", "0d"), Visit("s2", "1d"), Visit("s3", "45d", cookie="b")),
        leads=(Lead("lead", "p", "2d", converted_to="contact"),),
        contacts=(Contact("contact", "q", "50d"),),
        mappings=(Mapping("m1", "p", "a", "1d"), Mapping("m2", "q", "b", "46d")),
        people={"p": {"s1": "mapping", "s2": "mapping"}, "q": {"s3": "mapping"}},
        positions={"contact": {"s1": "FT", "s2": "LC"}},
    ),
    Journey(  # The Contact was deleted: the Lead keeps its rows.
        "converted_lead_without_its_contact",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:00", "s", "p"),),
        leads=(Lead("lead", "p", "s+02:00", converted_to="contact"),),
        contacts=(Contact("contact", "p", "40d", deleted=True),),
        people={"p": {"s": "form"}},
        positions={"lead": {"s": "FT, LC, Form"}},
    ),
    Journey(  # A WhoId that names a converted Lead names the Contact.
        "call_names_a_converted_lead",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", who="lead"),),
        leads=(Lead("lead", "p", "s+06:00", converted_to="contact"),),
        contacts=(Contact("contact", "p", "9d"),),
        people={"p": {"s": "call"}},
        positions={"contact": {"s": "FT, LC, Form"}},
    ),
    Journey(
        "who_filled_later",
        (Visit("s1", "0d"), Visit("s2", "2d", made_by="c")),
        calls=(Call("c", "s2+05:00", "merged", "s2", who="lead", earlier={"who": None}),),
        leads=(Lead("lead", "p", "s2+30:00"),),
        people={"p": {"s1": "call", "s2": "call"}},
        positions={"lead": {"s1": "FT", "s2": "LC, Form"}},
    ),
    Journey(  # A separate call belongs only to the person of its Task, although another person has the cookie too.
        "separate_call_names_its_person",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:00", "s", "p"),),
        (Call("c", "3d", "separate_outside_window", nearest="s", who="lead_q"),),
        leads=(Lead("lead_p", "p", "s+02:00"), Lead("lead_q", "q", "3d 00:10")),
        people={"p": {"s": "form"}, "q": {"s": "call", "c": "call"}},
        positions={"lead_p": {"s": "FT, LC, Form"}, "lead_q": {"s": "FT, LC, Form", "c": "PostLC, Form"}},
    ),
    Journey(  # The Task names no person: the call belongs to every person of its cookie.
        "separate_call_names_nobody",
        (Visit("s1", "0d", made_by="f1"), Visit("s2", "1d", made_by="f2")),
        (Form("f1", "s1+01:00", "s1", "p"), Form("f2", "s2+01:00", "s2", "q")),
        (Call("c", "3d", "separate_outside_window", nearest="s2"),),
        leads=(Lead("lead", "p", "s1+02:00"),),
        people={
            "p": {"s1": "form", "s2": "form", "c": "form"},
            "q": {"s1": "form", "s2": "form", "c": "form"},
        },
        positions={"lead": {"s1": "FT, LC, Form", "s2": "PostLC, Form", "c": "PostLC, Form"}},
    ),
    Journey(  # Nor does a Contact without an address.
        "separate_call_names_a_nameless_contact",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:00", "s", "p"),),
        (Call("c", "3d", "separate_outside_window", nearest="s", who="contact"),),
        contacts=(Contact("contact", "", "2d"),),
        people={"p": {"s": "form", "c": "form"}},
    ),
    Journey(  # The call's cookie has no session: the call is the person's only touch.
        "caller_without_sessions",
        calls=(Call("c", "0d", "separate_unknown_bizible_id", who="lead"),),
        leads=(Lead("lead", "p", "0d 00:05"),),
        people={"p": {"c": "call"}},
        positions={"lead": {"c": "FT, LC, Form"}},
    ),
    Journey(  # A call without a touchpoint still identifies its cookie.
        "secondary_call_names_a_lead",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:00", "s", "p"),),
        (Call("c", "s+09:00", "merged_secondary", "s", who="lead"),),
        leads=(Lead("lead", "q", "s+20:00"),),
        people={"p": {"s": "form"}, "q": {"s": "call"}},
        positions={"lead": {"s": "FT, LC, Form"}},
    ),
    Journey(
        "deleted_call_names_a_lead",
        (Visit("s", "0d"),),
        calls=(Call("c", "s+05:00", "none_deleted", who="lead", deleted=True),),
        leads=(Lead("lead", "p", "1d"),),
    ),
    Journey(  # The record is deleted, the person's touches remain.
        "lead_deleted",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+01:00", "s", "p"),),
        leads=(Lead("lead", "p", "s+02:00", deleted=True),),
        people={"p": {"s": "form"}},
    ),
    Journey(
        "mappings_that_do_not_count",
        (Visit("s", "0d"),),
        leads=(Lead("lead", "p", "1d"),),
        mappings=(Mapping("m1", "p", "a", "1d", ignored=True), Mapping("m2", "p", "a", "1d", deleted=True)),
    ),
    Journey(
        "lead_by_chat",
        (Visit("s1", "0d"), Visit("s2", "1d", made_by="h")),
        (Form("h", "s2+02:00", "s2", "p", chat=True),),
        leads=(Lead("lead", "p", "s2+03:00"),),
        people={"p": {"s1": "chat", "s2": "chat"}},
        positions={"lead": {"s1": "FT", "s2": "LC, Form"}},
    ),
)

# -- Opportunities and credit (R7, R8) --------------------------------------------------------------------------------

# The same five touches for every kind of amount; W-shaped has no middle touch here, so a third each.
EVERY_AMOUNT = {"s1": "FT", "s2": "LC, Form", "s3": "OC", "s4": "Form", "s5": "Closed"}
AMOUNTS = ("none", "zero", "cent", "hundred", "negative", "half_cent", "large", "text")

DEALS = (
    Journey(  # First the ad, then a form, a call, the last visit before the deal, a form before the close.
        "won_deal",
        (
            Visit("ad", "0d"),
            Visit("paper", "10d", made_by="f1"),
            Visit("phone", "30d", made_by="c"),
            Visit("demo", "50d"),
            Visit("offer", "90d", made_by="f2"),
        ),
        (Form("f1", "paper+04:00", "paper", "p"), Form("f2", "offer+04:00", "offer", "p")),
        (Call("c", "phone+06:00", "merged", "phone", who="contact"),),
        contacts=(Contact("contact", "p", "paper+05:00", "account"),),
        opportunities=(Opportunity("deal", "55d", 95),),
        people={"p": {"ad": "form", "paper": "form", "phone": "form", "demo": "form", "offer": "form"}},
        positions={
            "contact": {"ad": "FT", "paper": "LC, Form", "phone": "PostLC, Form", "offer": "PostLC, Form"},
        },
        credit={"deal": {"ad": "FT", "paper": "LC, Form", "phone": "Form", "demo": "OC", "offer": "Form, Closed"}},
        per_million=2_000,
    ),
    Journey(
        "lost_deal",
        (Visit("s1", "0d", made_by="c"), Visit("s2", "12d")),
        calls=(Call("c", "s1+05:00", "merged", "s1", who="contact"),),
        contacts=(Contact("contact", "p", "s1+10:00", "account"),),
        opportunities=(Opportunity("deal", "13d", 30, "lost"),),
        people={"p": {"s1": "call", "s2": "call"}},
        positions={"contact": {"s1": "FT, LC, Form"}},
        credit={"deal": {"s1": "FT, LC, Form", "s2": "OC, Closed"}},
        per_million=1_000,
    ),
    Journey(  # The last touch so far is Pending.
        "open_deal",
        (Visit("s1", "0d"), Visit("s2", "5d", made_by="c"), Visit("s3", "60d")),
        calls=(Call("c", "s2+05:00", "merged", "s2", who="contact"),),
        contacts=(Contact("contact", "p", "s2+10:00", "account"),),
        opportunities=(Opportunity("deal", "20d", 170, "open"),),
        people={"p": {"s1": "call", "s2": "call", "s3": "call"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form"}},
        credit={"deal": {"s1": "FT", "s2": "LC, OC, Form", "s3": "Pending"}},
        per_million=1_000,
    ),
    Journey(  # An open deal has not closed, even with a CloseDate in the past.
        "overdue_deal",
        (Visit("s1", "0d", made_by="c"), Visit("s2", "60d")),
        calls=(Call("c", "s1+05:00", "merged", "s1", who="contact"),),
        contacts=(Contact("contact", "p", "s1+10:00", "account"),),
        opportunities=(Opportunity("deal", "20d", 30, "open"),),
        people={"p": {"s1": "call", "s2": "call"}},
        positions={"contact": {"s1": "FT, LC, Form"}},
        credit={"deal": {"s1": "FT, LC, OC, Form", "s2": "Pending"}},
    ),
    Journey(
        "deal_of_one_touch",
        (Visit("s", "0d", made_by="c"),),
        calls=(Call("c", "s+05:00", "merged", "s", who="contact"),),
        contacts=(Contact("contact", "p", "s+10:00", "account"),),
        opportunities=(Opportunity("deal", "2d", 9),),
        people={"p": {"s": "call"}},
        positions={"contact": {"s": "FT, LC, Form"}},
        credit={"deal": {"s": "FT, LC, OC, Form, Closed"}},
    ),
    Journey(  # The opportunity was created before the first touch: no OC.
        "deal_before_the_first_touch",
        (Visit("s1", "3d", made_by="f"), Visit("s2", "9d")),
        (Form("f", "s1+02:00", "s1", "p"),),
        contacts=(Contact("contact", "p", "0d", "account"),),
        opportunities=(Opportunity("deal", "0d", 20),),
        people={"p": {"s1": "form", "s2": "form"}},
        positions={"contact": {"s1": "FT, LC, Form"}},
        credit={"deal": {"s1": "FT, LC, Form", "s2": "Closed"}},
    ),
    Journey(  # A touch on the day of the close counts, one on the next day does not.
        "touches_around_the_close",
        (Visit("s1", "0d", made_by="f"), Visit("s2", "10d 11:00"), Visit("s3", "11d", made_by="c")),
        (Form("f", "s1+02:00", "s1", "p"),),
        (Call("c", "s3+05:00", "merged", "s3", who="contact"),),
        contacts=(Contact("contact", "p", "s1+03:00", "account"),),
        opportunities=(Opportunity("deal", "5d", 10),),
        people={"p": {"s1": "form", "s2": "form", "s3": "form"}},
        positions={"contact": {"s1": "FT, LC, Form", "s3": "PostLC, Form"}},
        credit={"deal": {"s1": "FT, LC, OC, Form", "s2": "Closed"}},
    ),
    Journey(  # The person's LC lies after the close: there is no LC, and lead creation credits FT.
        "lead_creation_after_the_close",
        (Visit("s1", "0d"), Visit("s2", "45d", made_by="f")),
        (Form("f", "s2+02:00", "s2", "p"),),
        contacts=(Contact("contact", "p", "s2+03:00", "account"),),
        opportunities=(Opportunity("deal", "5d", 20),),
        people={"p": {"s1": "form", "s2": "form"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form"}},
        credit={"deal": {"s1": "FT, OC, Closed"}},
    ),
    Journey(  # A separate call in the journey of a deal.
        "deal_with_a_separate_call",
        (Visit("s", "0d"),),
        calls=(Call("c", "2d", "separate_outside_window", nearest="s", who="contact"),),
        contacts=(Contact("contact", "p", "2d 00:10", "account"),),
        opportunities=(Opportunity("deal", "3d", 10),),
        people={"p": {"s": "call", "c": "call"}},
        positions={"contact": {"s": "FT", "c": "LC, Form"}},
        credit={"deal": {"s": "FT", "c": "LC, OC, Form, Closed"}},
    ),
    Journey(  # A blank Type is a Web Visit and still a conversion.
        "deal_with_a_call_without_type",
        (Visit("s1", "0d"), Visit("s2", "2d", made_by="c")),
        calls=(Call("c", "s2+05:00", "merged", "s2", who="contact", type=None),),
        contacts=(Contact("contact", "p", "s2+10:00", "account"),),
        opportunities=(Opportunity("deal", "3d", 10),),
        people={"p": {"s1": "call", "s2": "call"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form"}},
        credit={"deal": {"s1": "FT", "s2": "LC, OC, Form, Closed"}},
    ),
    Journey(  # Person A and Person B of the documentation: B's LC is a middle touch, A's first visit has no row.
        "two_people_one_deal",
        (
            Visit("b1", "0d", "facebook_ad", cookie="b"),
            Visit("a1", "5d", "google_ad"),
            Visit("a2", "80d", "google", made_by="f1"),
            Visit("b2", "170d", "yahoo", cookie="b", made_by="f2"),
            Visit("a3", "180d", "referral", made_by="f3"),
            Visit("b3", "190d", "newsletter", cookie="b", made_by="f4"),
        ),
        (
            Form("f1", "a2+02:00", "a2", "p"),
            Form("f2", "b2+02:00", "b2", "q", cookie="b"),
            Form("f3", "a3+02:00", "a3", "p"),
            Form("f4", "b3+02:00", "b3", "q", cookie="b"),
        ),
        contacts=(Contact("a", "p", "a2+03:00", "account"), Contact("b", "q", "b2+03:00", "account")),
        opportunities=(Opportunity("deal", "183d", 200),),
        people={"p": {"a1": "form", "a2": "form", "a3": "form"}, "q": {"b1": "form", "b2": "form", "b3": "form"}},
        positions={
            "a": {"a1": "FT", "a2": "LC, Form", "a3": "PostLC, Form"},
            "b": {"b1": "FT", "b2": "LC, Form", "b3": "PostLC, Form"},
        },
        credit={"deal": {"b1": "FT", "a2": "LC, Form", "b2": "Form", "a3": "OC, Form", "b3": "Form, Closed"}},
        named={"deal": {"b1": "b", "a2": "a", "b2": "b", "a3": "a", "b3": "b"}},
    ),
    Journey(  # Deals of one account share FT and LC.
        "two_deals_of_one_account",
        (
            Visit("s1", "0d"),
            Visit("s2", "3d", made_by="f"),
            Visit("s3", "40d"),
            Visit("s4", "70d", made_by="c"),
        ),
        (Form("f", "s2+02:00", "s2", "p"),),
        (Call("c", "s4+05:00", "merged", "s4", who="contact"),),
        contacts=(Contact("contact", "p", "s2+03:00", "account"),),
        opportunities=(Opportunity("first", "5d", 20), Opportunity("second", "60d", 100, "open")),
        people={"p": {"s1": "form", "s2": "form", "s3": "form", "s4": "form"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form", "s4": "PostLC, Form"}},
        credit={
            "first": {"s1": "FT", "s2": "LC, OC, Form, Closed"},
            "second": {"s1": "FT", "s2": "LC, Form", "s3": "OC", "s4": "Form, Pending"},
        },
    ),
    Journey(  # A touch of both appears once: the Task's contact, else the form's, else the smallest id.
        "touches_of_two_contacts",
        (Visit("s1", "0d", made_by="f"), Visit("s2", "3d", made_by="c"), Visit("s3", "6d")),
        (Form("f", "s1+02:00", "s1", "q"),),
        (Call("c", "s2+05:00", "merged", "s2", who="second"),),
        contacts=(Contact("first", "p", "0d 01:00", "account"), Contact("second", "q", "0d 02:00", "account")),
        opportunities=(Opportunity("deal", "7d", 10),),
        mappings=(Mapping("m", "p", "a", "1d"),),
        people={
            "p": {"s1": "mapping", "s2": "mapping", "s3": "mapping"},
            "q": {"s1": "form", "s2": "form", "s3": "form"},
        },
        positions={
            "first": {"s1": "FT, LC, Form", "s2": "PostLC, Form"},
            "second": {"s1": "FT, LC, Form", "s2": "PostLC, Form"},
        },
        credit={"deal": {"s1": "FT, LC, Form", "s2": "Form", "s3": "OC, Closed"}},
        named={"deal": {"s1": "second", "s2": "second", "s3": "first"}},
    ),
    Journey(  # By account: the Contact of another account does not count, despite the primary role.
        "role_of_another_account",
        (Visit("s1", "0d", made_by="f1"), Visit("s2", "1d", cookie="b", made_by="f2")),
        (Form("f1", "s1+02:00", "s1", "p"), Form("f2", "s2+02:00", "s2", "q", cookie="b")),
        contacts=(Contact("contact", "p", "s1+03:00", "account"), Contact("other", "q", "s2+03:00", "elsewhere")),
        opportunities=(Opportunity("deal", "5d", 10),),
        roles=(Role("deal", "contact"), Role("deal", "other", primary=True)),
        people={"p": {"s1": "form"}, "q": {"s2": "form"}},
        positions={"contact": {"s1": "FT, LC, Form"}, "other": {"s2": "FT, LC, Form"}},
        credit={"deal": {"s1": "FT, LC, OC, Form, Closed"}},
    ),
    Journey(  # The touches from before the conversion are the Contact's.
        "deal_of_a_converted_lead",
        (Visit("s1", "0d"), Visit("s2", "2d", made_by="f"), Visit("s3", "20d", made_by="c")),
        (Form("f", "s2+02:00", "s2", "p"),),
        (Call("c", "s3+05:00", "merged", "s3", who="lead"),),
        leads=(Lead("lead", "p", "s2+03:00", converted_to="contact"),),
        contacts=(Contact("contact", "p", "15d", "account"),),
        opportunities=(Opportunity("deal", "15d", 30),),
        people={"p": {"s1": "form", "s2": "form", "s3": "form"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form", "s3": "PostLC, Form"}},
        credit={"deal": {"s1": "FT", "s2": "LC, OC, Form", "s3": "Form, Closed"}},
    ),
    Journey(
        "deals_of_every_amount",
        (
            Visit("s1", "0d"),
            Visit("s2", "2d", made_by="c"),
            Visit("s3", "6d"),
            Visit("s4", "9d", made_by="f"),
            Visit("s5", "12d"),
        ),
        (Form("f", "s4+02:00", "s4", "p"),),
        (Call("c", "s2+05:00", "merged", "s2", who="contact"),),
        contacts=(Contact("contact", "p", "s2+10:00", "account"),),
        opportunities=tuple(Opportunity(amount, "7d", 15, amount=amount) for amount in AMOUNTS),
        people={"p": {"s1": "call", "s2": "call", "s3": "call", "s4": "call", "s5": "call"}},
        positions={"contact": {"s1": "FT", "s2": "LC, Form", "s4": "PostLC, Form"}},
        credit={amount: EVERY_AMOUNT for amount in AMOUNTS},
    ),
    Journey(  # No account, no contacts, no touches.
        "deals_without_touches",
        contacts=(Contact("contact", "p", "0d", "silent"),),
        opportunities=(
            Opportunity("homeless", "1d", 10, account=None),
            Opportunity("empty", "1d", 10, account="empty"),
            Opportunity("silent", "1d", 10, account="silent"),
        ),
    ),
    Journey(
        "deal_deleted",
        (Visit("s", "0d", made_by="f"),),
        (Form("f", "s+02:00", "s", "p"),),
        contacts=(Contact("contact", "p", "s+03:00", "account"),),
        opportunities=(Opportunity("deal", "5d", 10, deleted=True),),
        people={"p": {"s": "form"}},
        positions={"contact": {"s": "FT, LC, Form"}},
    ),
    Journey(  # The person's touches no longer count for the account.
        "contact_deleted",
        (Visit("s1", "0d", made_by="f1"), Visit("s2", "3d", cookie="b", made_by="f2")),
        (Form("f1", "s1+02:00", "s1", "p"), Form("f2", "s2+02:00", "s2", "q", cookie="b")),
        contacts=(
            Contact("gone", "p", "s1+03:00", "account", deleted=True),
            Contact("contact", "q", "s2+03:00", "account"),
        ),
        opportunities=(Opportunity("deal", "5d", 10),),
        people={"p": {"s1": "form"}, "q": {"s2": "form"}},
        positions={"contact": {"s2": "FT, LC, Form"}},
        credit={"deal": {"s2": "FT, LC, OC, Form, Closed"}},
    ),
)

JOURNEYS: tuple[Journey, ...] = (
    *WINDOW,
    *CONVERSIONS,
    *IDENTIFIERS,
    *UNTRACKED,
    *CHANGES,
    *DUPLICATES,
    *FORMS,
    *PEOPLE,
    *DEALS,
)
