"""Makes the pictures of the README: the report page in three widths, light and dark.

    .venv/bin/python scripts/screenshots.py

Needs what the tests need (requirements-dev.lock, Chromium and its driver) and the published sample dataset.
"""

import base64
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PROJECT_DIR = Path(__file__).resolve().parents[1]
IMAGES = PROJECT_DIR / "docs" / "images"
PATIENCE_SECONDS = 180

# A quarter of the sample dataset.
SELECTION = "#period=2025-07-01..2025-09-30"
# Width and height in pixels.
SCREENS = {"": (1280, 1500), "-tablet": (768, 1500), "-phone": (360, 1900)}


def main() -> None:
    sys.path.insert(0, str(PROJECT_DIR))
    from orchestration.lib import report
    from orchestration.lib.settings import Settings

    IMAGES.mkdir(parents=True, exist_ok=True)
    page = report.write(Settings.from_environment()).path
    with browser() as chrome:
        for screen, (width, height) in SCREENS.items():
            for dark in (False, True):
                look(chrome, page.as_uri() + SELECTION, width, height, dark)
                page_is_drawn(chrome)
                save(chrome, IMAGES / f"report{screen}{'-dark' if dark else ''}.webp")


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not chromium or not driver:
        sys.exit("Chromium is missing. Debian and Ubuntu: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def look(chrome: webdriver.Chrome, address: str, width: int, height: int, dark: bool) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    # Otherwise only the part of the address after # would change.
    chrome.get("about:blank")
    chrome.get(address)


def page_is_drawn(chrome: webdriver.Chrome) -> None:
    ready = "return document.documentElement.dataset.ready === 'true'"
    WebDriverWait(chrome, PATIENCE_SECONDS).until(lambda chrome: chrome.execute_script(ready))


def save(chrome: webdriver.Chrome, path: Path) -> None:
    # Less than half the bytes of a PNG file.
    picture = chrome.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 70})
    path.write_bytes(base64.b64decode(picture["data"]))
    print(path)


if __name__ == "__main__":
    main()
