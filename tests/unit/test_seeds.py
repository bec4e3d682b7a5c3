"""Seeds that users edit: what cannot be used stops the run and says what to correct."""

from pathlib import Path

import pytest

from orchestration.lib.build.dbt import DbtError
from tests.harness import PROJECT_DIR, Project

SHIPPED = (PROJECT_DIR / "seeds" / "attribution_models.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for all: only seeds differ."""
    return Project(tmp_path_factory.mktemp("seeds"))


def weights(project: Project, models: str = SHIPPED, stages: str = "") -> Project:
    project.write_seed("attribution_models", models)
    project.write_seed("stages", "stage,object,stage_order\n" + stages)
    project.build(select=["+int_credit__weights"])
    return project


def test_r8_1_a_custom_model_with_stages(shared: Project) -> None:
    own = SHIPPED.replace("custom,FT,30,", "custom,FT,20.5,\ncustom,MQL,9.5,")
    weights(shared, own, "MQL,Lead,1\n")
    rows = shared.query(
        "select position_name, weight from warehouse.intermediate.int_credit__weights where model = 'custom'"
        " and position_name in ('FT', 'MQL') order by all"
    )
    assert rows == [{"position_name": "FT", "weight": 205000}, {"position_name": "MQL", "weight": 95000}]


@pytest.mark.parametrize(
    ("shipped", "edited", "said"),
    [
        ("custom,FT,30,", "custom,FT,29.9999,", "the weights of model custom add up to 99.9999 instead of 100"),
        ("custom,FT,30,", "custom,FT,30,\ncustom,Demo,0,", "position Demo of model custom is unknown"),
        ("custom,FT,30,", "custom,PostLC,30,", "position PostLC of model custom is unknown"),
        ("custom,FT,30,", "custom,FT,thirty,", "the weight of position FT of model custom is not a number"),
        ("custom,FT,30,", "custom,FT,15,\ncustom,FT,15,", "position FT of model custom occurs twice"),
        (
            "custom,FT,30,",
            "custom,FT,-10,",
            "the weight of position FT of model custom is not a number",
        ),
        ("custom,FT,30,", "custom,FT,30,LC", "column until of position FT of model custom is LC"),
        ("custom,middle,10,Closed", "custom,middle,10,", "column until of position middle of model custom is .blank."),
        ("first_touch,FT,100,", "time_decay,FT,100,", "model .* is unknown|model first_touch has no rows"),
    ],
)
def test_r8_1_weights_that_are_no_whole_model_stop_the_run(
    shared: Project, shipped: str, edited: str, said: str
) -> None:
    with pytest.raises(DbtError, match=f"seeds/attribution_models.csv: ({said})"):
        weights(shared, SHIPPED.replace(shipped, edited))


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ("MQL,Contact,1\n", "stage MQL belongs to object Contact; allowed: Lead, Opportunity"),
        ("MQL,Lead,first\n", "stage MQL needs a number in column stage_order"),
        ("MQL,Lead,1\nMQL,Opportunity,2\n", "stage MQL occurs twice"),
        ("Closed,Opportunity,1\n", "Closed is the name of a position"),
        (",Lead,1\n", "a row has no stage"),
    ],
)
def test_r7_4_stages_that_cannot_be_used_stop_the_run(shared: Project, stages: str, said: str) -> None:
    with pytest.raises(DbtError, match=f"seeds/stages.csv: {said}"):
        weights(shared, stages=stages)


def test_windows_are_whole_minutes(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_seed("windows_minutes", "minutes\n0\n30\n1.5\n")
    with pytest.raises(DbtError, match=r"seeds/windows_minutes.csv: 1.5 is not a whole number of minutes"):
        project.build(select=["+int_journeys__windows"])
