"""The channel rule sheet is checked before anything runs (R3.1 to R3.3)."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.lib.build import rule_sheet
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import settings_in

HEADER = "Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website,Note\n"


def findings(tmp_path: Path, text: str) -> rule_sheet.Findings:
    sheet = tmp_path / "channel_rules.csv"
    sheet.write_text(text, encoding="utf-8")
    return rule_sheet.find(sheet, {"adwords paid search", "facebook"})


def test_r3_1_the_shipped_sheet_is_clean():
    assert rule_sheet.check(settings_in(PROJECT_DIR)) == []


def test_r3_1_an_exported_sheet_with_mark_and_note_column_is_clean(tmp_path):
    found = findings(
        tmp_path, "\ufeff" + HEADER + "Paid Search,AdWords,,,,,[AdWords Paid Search],Do Not Remove\n,,,,,,,\n"
    )
    assert found == rule_sheet.Findings()


def test_r3_3_an_unknown_bracket_is_refused_with_file_line_and_reason(tmp_path):
    found = findings(tmp_path, HEADER + "Social,,,,,,[Facebook],\nSocial,,,,,,[Myspace];[facebook],\n")
    assert len(found.errors) == 1
    assert "channel_rules.csv, line 3" in found.errors[0]
    assert "[Myspace] is unknown" in found.errors[0]


def test_r3_3_an_empty_channel_is_refused(tmp_path):
    found = findings(tmp_path, HEADER + ",AdWords,,cpc,,,,\n")
    assert "line 2: the channel is empty" in found.errors[0]


def test_r3_3_a_missing_subchannel_beside_siblings_is_a_warning(tmp_path):
    found = findings(tmp_path, HEADER + "Social,Facebook,,,Facebook,,,\nSocial,,,social,,,,\n")
    assert not found.errors
    assert "line 3: channel Social has no subchannel" in found.warnings[0]


def test_r16_1_a_dot_in_a_channel_is_a_warning(tmp_path):
    found = findings(
        tmp_path, HEADER + "Booking.com,,,,,,booking.com,\nBooking.com,,,,booking,,,\nSocial,St. Pauli,,social,,,,\n"
    )
    assert not found.errors
    assert found.warnings == [
        f"{tmp_path / 'channel_rules.csv'}, line 2: channel Booking.com has a dot. Reports on costs read a path's part "
        "after its first dot as the subchannel."
    ]


@pytest.mark.parametrize(
    "website", ["*/blog/*", "*/*", "*google.com/maps*", "*partner.org:8080/*", "*partner.org?ref=*"]
)
def test_r3_1_a_referring_website_that_cannot_match_is_a_warning(tmp_path, website):
    good = "https://news.org/blog/*;*partner.org/*; *partner.org/ ;*;forum.org/groups/*;https://*.shop.org/deals;[Facebook]"
    found = findings(tmp_path, HEADER + f"Blog,,,,,,{good},\nBlog,,,,,,news.org; {website},\n")
    assert not found.errors
    assert found.warnings == [
        f"{tmp_path / 'channel_rules.csv'}, line 3: the referring website {website} never matches. Write a host, "
        "with or without stars; only cells of the column Landing Page can match a part of an address."
    ]


def test_r3_1_a_sheet_without_its_columns_is_refused(tmp_path):
    found = findings(tmp_path, "Channel;Subchannel;Campaign\nSocial;;x\n")
    assert "line 1: column Channel" in found.errors[0]


def test_r3_1_too_many_cells_are_refused(tmp_path):
    found = findings(tmp_path, HEADER + "Social,Other,a,b,c,d,e,f,g\n")
    assert "line 2: 9 cells under 8 columns" in found.errors[0]


def test_the_error_lists_every_finding(tmp_path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "builtin_conditions.csv").write_text("condition\nFacebook\n")
    (seeds / "channel_rules.csv").write_text(HEADER + ",x,,,,,,\nSocial,,,,,,[X],\n")
    with pytest.raises(rule_sheet.RuleSheetError, match=r"(?s)line 2.*line 3"):
        rule_sheet.check(replace(settings_in(tmp_path), project_dir=tmp_path))
