"""The built site in a real browser, without a network."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from precursor_lib.manifest import Manifest

pytestmark = [pytest.mark.site, pytest.mark.browser]

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,900",
)
WAIT = 20.0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site, served on this machine alone."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("no Chromium with its driver here; Debian: chromium, chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in SWITCHES:
        options.add_argument(switch)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    started = webdriver.Chrome(options=options, service=service)
    started.set_page_load_timeout(60)
    yield started
    started.quit()


def until(browser: Any, condition: str, *arguments: Any) -> Any:
    """Wait until a JavaScript expression is true, and give its value."""
    from selenium.webdriver.support.ui import WebDriverWait

    script = f"return ({condition})"
    return WebDriverWait(browser, WAIT).until(lambda b: b.execute_script(script, *arguments))


def asked(browser: Any) -> list[str]:
    """Addresses that the browser asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def open_page(browser: Any, url: str) -> None:
    browser.get(url)
    until(browser, "document.readyState === 'complete'")


def pages(manifest: Manifest) -> list[str]:
    notebooks = [
        f"notebooks/{entry.section}/{Path(entry.source).stem}.html"
        for entry in manifest.notebooks.values()
    ]
    return ["index.html", "generated/claims.html", "generated/data.html", *notebooks]


def test_pages_load_without_error_and_ask_no_other_host(
    browser: Any, address: str, manifest: Manifest
) -> None:
    for page in pages(manifest):
        browser.get_log("browser"), asked(browser)
        open_page(browser, f"{address}/{page}")
        until(browser, "[...document.images].every(i => i.complete || i.loading === 'lazy')")
        browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
        until(browser, "[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        problems = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
        assert not problems, f"{page}: {problems}"
        hosts = {urlsplit(url).netloc for url in asked(browser) if url.startswith("http")}
        assert hosts == {urlsplit(address).netloc}, f"{page} asks {hosts}"


def test_formulas_are_drawn(browser: Any, address: str, manifest: Manifest) -> None:
    for page in pages(manifest):
        open_page(browser, f"{address}/{page}")
        if browser.execute_script("return document.querySelectorAll('.math').length"):
            until(browser, "document.querySelectorAll('mjx-container').length > 0")
            assert not browser.execute_script(
                "return document.querySelectorAll('mjx-merror').length"
            )


def test_search_finds_a_figure(browser: Any, address: str, manifest: Manifest) -> None:
    entries = [entry for entry in manifest.notebooks.values() if entry.figures]
    if not entries:
        pytest.skip("the manifest names no figure")
    entry = entries[0]
    page = f"{address}/notebooks/{entry.section}/{Path(entry.source).stem}.html"
    open_page(browser, page)
    caption = browser.execute_script(
        "return document.getElementById(arguments[0]).querySelector('.caption-text').textContent",
        entry.figures[0],
    )
    words = [word.strip(".,:;()") for word in caption.split()]
    query = " ".join([word for word in words if word.isalpha() and len(word) > 4][:3])
    open_page(browser, f"{address}/search.html?q={query.replace(' ', '+')}")
    until(browser, "document.querySelectorAll('#search-results li a').length > 0")
    found = browser.execute_script(
        "return [...document.querySelectorAll('#search-results li a')].map(a => a.href)"
    )
    assert any(url.split("#")[0].split("?")[0] == page for url in found), (query, found)


def test_navigation_works(browser: Any, address: str, manifest: Manifest) -> None:
    from selenium.webdriver.common.by import By

    open_page(browser, f"{address}/index.html")
    until(browser, "document.querySelector('a.right-next')")  # the first page only leads on
    title = browser.title
    link = browser.find_element(By.CSS_SELECTOR, "a.right-next")
    goal = link.get_attribute("href")
    link.click()
    until(browser, "location.href === arguments[0]", goal)
    assert browser.title != title
    browser.find_element(By.CSS_SELECTOR, "a.left-prev").click()
    until(browser, "document.title === arguments[0]", title)
    for entry in manifest.notebooks.values():
        for label in [*entry.figures, *entry.tables][:1]:
            page = f"{address}/notebooks/{entry.section}/{Path(entry.source).stem}.html"
            open_page(browser, f"{page}#{label}")
            until(browser, "window.scrollY > 0")


@pytest.mark.parametrize("width", [360, 768])
def test_narrow_windows_need_no_sideways_scrolling(
    browser: Any, address: str, manifest: Manifest, width: int
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for page in pages(manifest):
            open_page(browser, f"{address}/{page}")
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{page}: {wide} pixels wide in a window of {width}"
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
