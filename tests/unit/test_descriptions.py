"""Every model describes its grain and tests its key, and every text has one source."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from orchestration.lib.settings import PROJECT_DIR
from scripts import reference
from tests.harness import plain_manifest

KEY_TESTS = {"unique", "one_row_per_key", "one_row_per", "one_row"}
# To group ten million keys takes some four seconds. A model of that size can name another model whose key test fails
# whenever its own key is not unique.
# So can a model of an optional feature: every test costs those who do not use it.
TESTED_BY = {"web_page_views", "web_form_submits", "stg_web__page_views", "stg_web__sessions", "fct_touchpoints"}
TESTED_BY |= {"fct_campaign_members", "fct_activities"}

Node = Mapping[str, Any]


def nodes(resource_type: str) -> dict[str, Node]:
    return {node["name"]: node for node in plain_manifest()["nodes"].values() if node["resource_type"] == resource_type}


def models_with_a_key_test() -> set[str]:
    tested = set()
    for test in nodes("test").values():
        metadata = test.get("test_metadata") or {}
        if metadata.get("name") in KEY_TESTS:
            tested.add(plain_manifest()["nodes"].get(test["attached_node"], {}).get("name"))
    return tested


def test_every_description_of_a_model_begins_with_its_grain() -> None:
    descriptions = {name: model["description"].strip() for name, model in nodes("model").items()}
    assert sorted(name for name, text in descriptions.items() if not re.match(r"One row( per |: )", text)) == []


def test_every_model_has_a_key_test() -> None:
    tested = models_with_a_key_test()
    models = nodes("model")
    named = {name: model["config"]["meta"].get("key_tested_by") for name, model in models.items()}
    argued = {name for name, model in models.items() if model["config"]["meta"].get("key_holds_because")}
    views = {name for name, model in models.items() if "/biz/ads/" in model["path"] or "/biz/empty/" in model["path"]}
    assert argued - views == {
        "biz_account_to_emails",
        "biz_facts",
        "biz_urls",
        "fct_person_touchpoints",
        "stg_web__page_hosts",
    }
    missing = sorted(name for name in models if name not in tested | argued and not named[name])
    assert missing == []
    assert {other for other in named.values() if other} == TESTED_BY
    assert tested >= TESTED_BY


def test_every_described_column_of_a_model_has_a_text() -> None:
    empty = [
        f"{name}.{column['name']}"
        for name, model in nodes("model").items()
        for column in model["columns"].values()
        if not column["description"].strip()
    ]
    assert empty == []


def test_each_folder_has_one_file_of_descriptions() -> None:
    wrong = []
    for name, model in nodes("model").items():
        *_, folder, _ = model["original_file_path"].split("/")
        if not (model["patch_path"] or "").endswith(f"/{folder}/_{folder}__models.yml"):
            wrong.append(name)
    assert wrong == []


def test_the_documentation_opens_on_a_page_of_our_own() -> None:
    overview = plain_manifest()["docs"]["doc.call_attribution.__overview__"]["block_contents"]
    marts = {name for name in nodes("model") if name.startswith(("fct_", "rpt_"))}
    assert {name for name in marts if f"`{name}`" not in overview} == set()


@pytest.mark.parametrize("path", sorted(reference.pages(), key=str), ids=str)
def test_what_is_documented_twice_is_equal(path: Any) -> None:
    up_to_date = (PROJECT_DIR / path).read_text(encoding="utf-8") == reference.pages()[path]
    assert up_to_date, f"{path} repeats a rule, a verdict, a variable or a mart that was edited: run `make reference`"


def test_the_shipped_values_of_the_variables_are_their_defaults() -> None:
    values = dict(reference.variables())
    documented = values.pop("documented_variables")
    assert values == {name: about["default"] for name, about in documented.items()}


def test_every_rule_that_a_description_cites_has_a_text() -> None:
    rules = {row["rule"] for row in reference.rules_of((PROJECT_DIR / reference.RULES).read_text(encoding="utf-8"))}
    cited = {
        rule
        for model in nodes("model").values()
        for text in (model["description"], *(column["description"] for column in model["columns"].values()))
        for rule in re.findall(r"\bR\d+\.\d+\b", text)
    }
    assert cited <= rules
