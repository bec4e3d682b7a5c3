"""Seeds that users edit: a mistake stops the run before anything is landed, and the message says what to correct."""

from pathlib import Path

import pytest

from orchestration.lib import own_settings
from orchestration.lib.build import rule_sheet, seed_files
from orchestration.lib.seeds import SeedError, records
from tests.harness import PROJECT_DIR, Project, settings_in

SEEDS = {name: PROJECT_DIR / "seeds" / f"{name}.csv" for name in ("attribution_models", "stages", "windows_minutes")}
SHIPPED = {name: path.read_text(encoding="utf-8") for name, path in SEEDS.items()}
STAGES = "stage,object,stage_order\n"


def check(folder: Path, **edited: str) -> None:
    """Checks the shipped seeds with others in the folder of own settings."""
    for name, text in edited.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    seed_files.check(settings_in(folder, config_dir=folder))


def test_the_shipped_seeds_can_be_used(tmp_path: Path) -> None:
    check(tmp_path)


def test_r8_6_models_of_ones_own_with_stages(tmp_path: Path) -> None:
    own = SHIPPED["attribution_models"].replace("custom,FT,30,,", "custom,FT,20.5,,\ncustom,MQL,9.5,,")
    own += "early,FT,60,,\nearly,middle,40,OC,All\n"
    check(tmp_path, attribution_models=own, stages=STAGES + "MQL,Lead,1\n")


def test_r8_6_a_seed_without_the_column_middle(project: Project) -> None:
    """A seed of an earlier version: its middle touches are conversions."""
    rows = [line.rsplit(",", 1)[0] for line in SHIPPED["attribution_models"].splitlines()]
    project.write_seed("attribution_models", "\n".join(rows[:-2]) + "\n")
    seed_files.check(project.settings)
    project.build(select=["+int_credit__weights"])
    (row,) = project.query(
        "select count(*) as rows, count(*) filter (where has_all_middle_touches) as of_all"
        " from warehouse.intermediate.int_credit__weights"
    )
    assert row == {"rows": 19, "of_all": 0}


@pytest.mark.parametrize(
    ("shipped", "edited", "said"),
    [
        ("custom,FT,30,,", "custom,FT,29.9999,,", "the weights of model custom add up to 99.9999 instead of 100"),
        ("custom,FT,30,,", "custom,FT,30,,\ncustom,Demo,0,,", "line 17: position Demo of model custom is unknown"),
        ("custom,FT,30,,", "custom,PostLC,30,,", "position PostLC of model custom is unknown"),
        ("custom,FT,30,,", "custom,FT,thirty,,", "position FT of model custom has weight thirty"),
        ("custom,FT,30,,", "custom,FT,nan,,", "position FT of model custom has weight nan"),
        ("custom,FT,30,,", "custom,FT,3e1,,", "position FT of model custom has weight 3e1"),
        ("custom,FT,30,,", "custom,FT,15,,\ncustom,FT,15,,", "line 17: position FT of model custom occurs twice"),
        ("custom,FT,30,,", "custom,FT,-10,,", "position FT of model custom has weight -10"),
        ("custom,FT,30,,", "custom,FT,30,LC,", "position FT of model custom has LC in column until"),
        ("custom,FT,30,,", "custom,FT,30,,all", "position FT of model custom has all in column middle"),
        ("custom,FT,30,,", "custom,FT,30", "line 16: 3 cells under 5 columns"),
        (
            "custom,middle,10,Closed,",
            "custom,middle,10,,",
            "position middle of model custom has a blank in column until",
        ),
        (
            "middle,100,Closed,all",
            "middle,100,Closed,visits",
            "position middle of model linear has visits in column middle",
        ),
        ("first_touch,FT,100,,", "time_decay,FT,100,,", "model first_touch has no rows"),
        ("first_touch,FT,100,,", ",FT,100,,", "line 2: model .blank. is not a valid name"),
        ("model,position,weight", "model,place,weight", "line 1: column position is missing"),
    ],
)
def test_r8_1_weights_that_are_no_whole_model_stop_the_run(
    tmp_path: Path, shipped: str, edited: str, said: str
) -> None:
    text = SHIPPED["attribution_models"]
    assert shipped in text
    with pytest.raises(SeedError, match=f"attribution_models.csv.*{said}"):
        check(tmp_path, attribution_models=text.replace(shipped, edited))


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ("MQL,Contact,1\n", "line 2: stage MQL belongs to object Contact. Allowed: Lead, Opportunity"),
        ("MQL,Lead,first\n", "line 2: stage MQL needs a number in column stage_order"),
        ("MQL,Lead,1\nMQL,Opportunity,2\n", "line 3: stage MQL occurs twice"),
        ("Closed,Opportunity,1\n", "line 2: Closed is the name of a position"),
        (",Lead,1\n", "line 2: the stage is blank"),
    ],
)
def test_r7_4_stages_that_cannot_be_used_stop_the_run(tmp_path: Path, stages: str, said: str) -> None:
    with pytest.raises(SeedError, match=f"stages.csv, {said}"):
        check(tmp_path, stages=STAGES + stages)


@pytest.mark.parametrize("minutes", ["1.5", "-1", "525601", "an hour"])
def test_r9_5_windows_are_whole_minutes(tmp_path: Path, minutes: str) -> None:
    with pytest.raises(SeedError, match=f"windows_minutes.csv, line 3: {minutes} is not a whole number of minutes"):
        check(tmp_path, windows_minutes=f"minutes\n30\n{minutes}\n")


@pytest.mark.parametrize(
    ("seed", "text", "said"),
    [
        (
            "task_type_map",
            "task_type,marketing_touch_type\nDemo,Web Visit\nCall,Inbound Call\n",
            r"line 3: Inbound Call in column marketing_touch_type\. Allowed: Web Visit, Web Form, Web Chat, Phone Call",
        ),
        (
            "click_ids",
            "priority,parameter,ad_platform,ad_network,is_paid\n1,gclid,Google AdWords,search,ja\n",
            "line 2: ja in column is_paid is not a flag. Allowed: true, false",
        ),
        (
            "click_ids",
            "priority,parameter,ad_platform,ad_network,is_paid\n,gclid,Google AdWords,search,true\n",
            r"line 2: \(blank\) in column priority is not a whole number",
        ),
        (
            "ad_networks",
            "priority,parameter,network_value,ad_network\nx,_bn,d,display\n",
            "line 2: x in column priority",
        ),
        (
            "ad_platforms",
            "found_in,value,ad_platform,ad_network\nweb_source,Mine,Mine,search\n",
            "line 2: web_source in column found_in. Allowed: WEB_SOURCE, AD_PROVIDER",
        ),
        (
            "task_description_patterns",
            "priority,kind,provider,marker,pattern\n1,provider_call_id,,ref,ref ([0-9]+\n",
            "line 2: the pattern is not a regular expression",
        ),
        (
            "task_description_patterns",
            "priority,kind,provider,marker,pattern\n1,provider_call_id,,ref,ref [0-9]+\n",
            "line 2: the pattern is not a regular expression",
        ),
        (
            "task_description_patterns",
            "priority,kind,provider,marker,pattern\n1,call_id,,,ref ([0-9]+)\n",
            "line 2: call_id in column kind. Allowed: caller_number, provider_call_id",
        ),
        ("search_engines", "host_pattern,search_engine\nmy.example,Mine,\n", "line 2: 3 cells under 2 columns"),
        (
            "ad_platforms",
            "found_in,value,ad_platform,ad_network\nWEB_SOURCE,Mine,A,search\nWEB_SOURCE,mine,B,display\n",
            "line 3: WEB_SOURCE, mine occurs twice. List it once",
        ),
        (
            "task_type_map",
            "task_type,marketing_touch_type\nDemo,Web Form\nDEMO,Web Visit\n",
            "line 3: DEMO occurs twice",
        ),
        ("social_networks", "host_pattern , social_network\n", "line 1: remove the blanks around the name of column"),
    ],
)
def test_other_seeds_must_fit_their_descriptions(tmp_path: Path, seed: str, text: str, said: str) -> None:
    with pytest.raises(SeedError, match=f"{seed}.csv, {said}"):
        check(tmp_path, **{seed: text})


def test_a_repeated_row_that_says_the_same_is_accepted(tmp_path: Path) -> None:
    check(tmp_path, task_type_map="task_type,marketing_touch_type\nDemo,Web Form\ndemo, Web Form\n")


def test_flags_in_any_spelling_and_missing_last_cells(tmp_path: Path) -> None:
    header = "condition,ad_platform,ad_network,search_engine,social_network,is_direct\n"
    conditions = header + "Mine,BingAds,search\nNone,,,,,TRUE\n"
    sheet = "Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website\nPaid,,,,,,[Mine]\n"
    check(tmp_path, builtin_conditions=conditions, channel_rules=sheet)
    assert rule_sheet.check(settings_in(tmp_path, config_dir=tmp_path)) == []


def test_r1_1_cells_are_trimmed(project: Project) -> None:
    """A spreadsheet leaves blanks, also no-break ones, which nobody sees."""
    project.write_seed("social_networks", "host_pattern,social_network\n my.example\u00a0, Mine \n")
    project.write_seed("task_type_map", "task_type,marketing_touch_type\nDemo, Web Visit \n")
    seed_files.check(project.settings)
    project.build(select=["social_networks", "task_type_map"])
    assert project.query("select * from warehouse.seeds.social_networks") == [
        {"host_pattern": "my.example", "social_network": "Mine"}
    ]
    assert project.query("select marketing_touch_type as type from warehouse.seeds.task_type_map") == [
        {"type": "Web Visit"}
    ]


def test_every_finding_of_every_seed_is_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(SeedError) as error:
        check(tmp_path, stages=STAGES + "MQL,Contact,first\n", windows_minutes="minutes\nan hour\n")
    assert len(str(error.value).splitlines()) == 4


def test_r3_1_line_breaks_of_any_kind_and_within_quotes(project: Project) -> None:
    """A sheet that went through several programs; what the checks read is what the engine reads."""
    header = "Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website,Note"
    text = f'{header}\r\nA,,"x\ny",,,,,\nB,"with, comma",,,,,,"a ""quote"""\r\nC\r\n\nD,5" screens,,,,,,\n'
    project.write_seed("channel_rules", text)
    project.build(select=["channel_rules"])
    found = project.query('select "Channel", "Subchannel", "Campaign", "Note" from warehouse.seeds.channel_rules')
    cells = [[row[name] or "" for name in ("Channel", "Subchannel", "Campaign", "Note")] for row in found]
    assert cells == [
        ["A", "", "x\ny", ""],
        ["B", "with, comma", "", 'a "quote"'],
        ["C", "", "", ""],
        ["D", '5" screens', "", ""],
    ]
    _, *checked = records(own_settings.seed_file(project.settings, "channel_rules"))
    assert [[*row, *[""] * 8][:3] for _, row in checked] == [row[:3] for row in cells]
