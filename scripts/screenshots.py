"""Makes the pictures of the README: the report page in three widths, light and dark, and Dagster's asset graph.

    .venv/bin/python scripts/screenshots.py

Needs what the tests need (requirements-dev.lock, Chromium and its driver) and the published sample dataset.
"""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
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
        with dagster() as address:
            look(chrome, f"{address}/asset-groups", 1600, 700, dark=False)
            graph_is_drawn(chrome)
            save(chrome, IMAGES / "assets.webp")


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


@contextmanager
def dagster() -> Iterator[str]:
    """Dagster's web server on a free port, with a temporary home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        shutil.copyfile(PROJECT_DIR / "orchestration" / "dagster.yaml", Path(home) / "dagster.yaml")
        command = [sys.executable, "-m", "dagster_webserver", "-m", "orchestration.definitions", "-p", str(port)]
        environment = {**os.environ, "DAGSTER_HOME": home}
        server = subprocess.Popen(command, cwd=PROJECT_DIR, env=environment, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urlopen(f"{address}/server_info", timeout=5).close()
            return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                sys.exit(f"Dagster did not answer at {address} within {PATIENCE_SECONDS} seconds.")
            time.sleep(1)


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


def graph_is_drawn(chrome: webdriver.Chrome) -> None:
    WebDriverWait(chrome, PATIENCE_SECONDS).until(
        lambda chrome: (
            "report_page" in chrome.find_element(By.TAG_NAME, "body").text
            or chrome.find_elements(By.CSS_SELECTOR, "svg foreignObject")
        )
    )
    # The graph moves into its place when it is laid out.
    time.sleep(5)


def save(chrome: webdriver.Chrome, path: Path) -> None:
    # Less than half the bytes of a PNG file.
    picture = chrome.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 70})
    path.write_bytes(base64.b64decode(picture["data"]))
    print(path)


if __name__ == "__main__":
    main()
