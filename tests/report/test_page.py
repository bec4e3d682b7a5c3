"""The report page in a real browser: complete, quiet, readable at every width, for everybody."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from orchestration.lib import report
from orchestration.lib.report.figures import FIGURES
from tests.biz.conftest import built  # noqa: F401
from tests.harness import Project

PHONE, TABLET, DESK = 360, 768, 1280

Log = list[dict]

# In the browser: calls by day, the largest groups by calls and by money, and costs.
DRAWN = 4


def show(
    browser: webdriver.Chrome, page: Path, width: int, dark: bool = False, media: str = "", selection: str = ""
) -> Log:
    """Opens the page and returns what the browser logged of it."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get("about:blank")
    browser.get(page.as_uri() + selection)
    wait(browser)
    return browser.get_log("performance")


def wait(browser: webdriver.Chrome) -> None:
    """Until what the last selection asks for is shown."""
    ready = "return document.documentElement.dataset.ready === 'true'"
    WebDriverWait(browser, 60, poll_frequency=0.05).until(lambda _: browser.execute_script(ready))


def requests(log: Log) -> list[str]:
    """What left the page. A `data:` address is inside: the browser's own symbol of a date field, for example."""
    messages = [json.loads(entry["message"])["message"] for entry in log]
    urls = [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith(("data:", "about:"))]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, TABLET, DESK])
def test_the_page_is_quiet_complete_and_accessible(
    browser: webdriver.Chrome, page: Path, width: int, dark: bool
) -> None:
    log = show(browser, page, width, dark)
    assert requests(log) == [page.as_uri()]
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    pictures = [
        picture for picture in browser.find_elements(By.CSS_SELECTOR, "figure [role=img]") if picture.is_displayed()
    ]
    assert len(pictures) == len(FIGURES) + DRAWN
    for picture in pictures:
        assert picture.get_attribute("aria-label")
        assert picture.size["height"] > 40
        assert picture.find_elements(By.CSS_SELECTOR, "svg path, svg line")
    for fold in browser.find_elements(By.TAG_NAME, "details"):
        browser.execute_script("arguments[0].open = true", fold)
    violations = Axe().run(browser)["violations"]
    assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in violations] == []


# A text is cut off where it leaves its picture.
CUT_OFF = """
const shown = [...document.querySelectorAll("figure svg")].filter(svg => svg.getBoundingClientRect().width > 0);
return shown.flatMap(svg => {
  const room = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim());
  return texts.filter(text => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1);
  }).map(text => text.textContent);
})
"""


@pytest.fixture(scope="module")
def long_names(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The page of marts whose channels have longer names than those of the shipped rules."""
    marts = tmp_path_factory.mktemp("long") / "marts.duckdb"
    shutil.copyfile(built.settings.marts, marts)
    marts.chmod(0o600)
    with duckdb.connect(str(marts)) as connection:
        for table in ("fct_touchpoints", "rpt_call_integration_impact_by_channel"):
            connection.execute(f"UPDATE {table} SET channel = channel || ' - Events, Conferences and Trade Fairs'")
    return report.write(replace(built.settings, marts=marts)).path


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("name", ["page", "long_names"])
def test_no_label_is_cut_off(browser: webdriver.Chrome, request: pytest.FixtureRequest, name: str, width: int) -> None:
    show(browser, request.getfixturevalue(name), width)
    assert browser.execute_script(CUT_OFF) == []


def test_every_word_is_explained_in_whole_sentences(browser: webdriver.Chrome, page: Path) -> None:
    show(browser, page, DESK)
    meanings = [meaning.text for meaning in browser.find_elements(By.CSS_SELECTOR, "dl.words dd")]
    assert len(meanings) > 20
    assert [text for text in meanings if not re.fullmatch(r"[A-Z][^{}]*\.", text)] == []


def test_everything_can_be_reached_by_keyboard(browser: webdriver.Chrome, page: Path) -> None:
    show(browser, page, DESK)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the figures"
    wanted = browser.execute_script(
        "const all = [...document.querySelectorAll('summary, select, input, main button, a')];"
        "return all.filter(element => element.checkVisibility()).length"
    )
    reached = set()
    for _ in range(2 * wanted):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if browser.switch_to.active_element.tag_name == "summary":
            reached.add(browser.switch_to.active_element.get_attribute("textContent"))
        if len(reached) == 2 * (len(FIGURES) + len(("calls", "costs"))):
            break
    titles = [figure.title for figure in FIGURES] + ["What does a call cost?"]
    assert reached >= {f"{what}: {title}" for title in titles for what in ("The numbers", "The query")}
    summary = browser.find_element(By.CSS_SELECTOR, "details.numbers-of summary")
    browser.execute_script("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    assert browser.find_element(By.CSS_SELECTOR, "details.numbers-of").get_attribute("open") is not None
    assert browser.find_element(By.CSS_SELECTOR, "details.numbers-of table").is_displayed()


def test_tables_have_headers_and_captions(browser: webdriver.Chrome, page: Path) -> None:
    show(browser, page, DESK)
    tables = browser.find_elements(By.TAG_NAME, "table")
    assert len(tables) == len(FIGURES) + len(("groups", "calls", "costs", "settings"))
    for table in tables:
        assert table.find_element(By.TAG_NAME, "caption").get_attribute("textContent")
        heads = table.find_elements(By.CSS_SELECTOR, "thead th[scope=col]")
        for row in table.find_elements(By.CSS_SELECTOR, "tbody tr"):
            assert len(row.find_elements(By.CSS_SELECTOR, "th[scope=row], td")) == len(heads)


def test_paper_gets_the_pictures_and_the_numbers_and_no_buttons(browser: webdriver.Chrome, page: Path) -> None:
    show(browser, page, PHONE, dark=True, media="print")
    assert all(table.is_displayed() for table in browser.find_elements(By.TAG_NAME, "table"))
    for control in ("details.query", ".controls", ".tools", "nav"):
        assert not any(element.is_displayed() for element in browser.find_elements(By.CSS_SELECTOR, control))
    assert all(picture.is_displayed() for picture in browser.find_elements(By.CSS_SELECTOR, "figure .wide"))
    # Half an inch less on both sides than A4. The comparison makes the widest table.
    show(browser, page, 698, media="print", selection="#period=2024-03-03..2024-03-05&compare=1")
    assert "before" in browser.find_element(By.ID, "groups-table").text
    wide = "return [...document.querySelectorAll('.scroll')].filter(table => table.scrollWidth > table.clientWidth)"
    assert [table.get_attribute("aria-label") for table in browser.execute_script(wide)] == []
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
