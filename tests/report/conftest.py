"""The report page of the small dataset, and a browser to open it with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from orchestration.lib import report
from tests.biz.conftest import built  # noqa: F401
from tests.harness import Project


@pytest.fixture(scope="package")
def page(built: Project) -> Path:  # noqa: F811
    """The page as a file."""
    return report.write(built.settings).path


@pytest.fixture(scope="package")
def browser() -> Iterator[webdriver.Chrome]:
    """A Chromium without a window that writes down every request and every line of its console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.fail(
            "The report is tested in a real browser, and there is none. Install Chromium and its driver"
            " (Debian and Ubuntu: apt-get install chromium chromium-driver)."
        )
    options = Options()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield chrome
    finally:
        chrome.quit()
