"""The reference in a real browser: it fetches nothing, complains of nothing, is searched, switched, and linked into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.servers.platform_process import serving

SHOTS = Path(__file__).parents[2] / "build" / "browser"
WAIT_SECONDS = 10


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield f"{served.url}/docs"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    options = ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    browser = Chrome(options=options, service=ChromeService("/usr/bin/chromedriver"))
    SHOTS.mkdir(parents=True, exist_ok=True)
    yield browser
    browser.quit()


@pytest.fixture
def opened(chrome: Chrome, url: str) -> Chrome:
    chrome.get("about:blank")
    chrome.get(url)
    return chrome


def shown(chrome: Chrome, selector: str) -> list[str]:
    return [element.text for element in chrome.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def test_it_runs_without_complaint_and_fetches_nothing(opened: Chrome) -> None:
    opened.save_screenshot(str(SHOTS / "docs.png"))
    fetched = opened.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    complaints = [each for each in opened.get_log("browser") if "favicon" not in each["message"]]  # type: ignore[no-untyped-call]  # selenium has no types for it

    assert "MisarMail" in opened.title
    assert [name for name in fetched if "favicon" not in name] == []
    assert complaints == []


def test_every_operation_is_there(opened: Chrome) -> None:
    assert len(opened.find_elements(By.CSS_SELECTOR, "main .operation .samples")) >= 131


def test_the_search_narrows_and_enter_goes_there(opened: Chrome) -> None:
    field = opened.find_element(By.ID, "search")
    field.send_keys("contacts import")
    assert shown(opened, "nav li")
    assert len(shown(opened, "nav li")) < 10
    field.send_keys(Keys.ENTER)
    WebDriverWait(opened, WAIT_SECONDS).until(lambda page: "#" in page.current_url)
    target = opened.current_url.rpartition("#")[2]
    assert 0 <= opened.execute_script("return document.getElementById(arguments[0]).getBoundingClientRect().top", target) < 1_000


def test_a_language_is_chosen_for_all_samples(opened: Chrome) -> None:
    opened.find_element(By.CSS_SELECTOR, "#operation-send_email button[data-language=Python]").click()
    assert {element.get_attribute("data-language") for element in opened.find_elements(By.CSS_SELECTOR, ".samples pre:not([hidden])")} == {
        "Python"
    }
    opened.save_screenshot(str(SHOTS / "docs-python.png"))


def test_a_link_leads_to_its_operation(chrome: Chrome, url: str) -> None:
    chrome.get("about:blank")
    chrome.get(f"{url}#operation-create_contact")
    top = WebDriverWait(chrome, WAIT_SECONDS).until(
        lambda page: 1 + abs(page.execute_script("return document.getElementById('operation-create_contact').getBoundingClientRect().top"))
    )
    chrome.save_screenshot(str(SHOTS / "docs-operation.png"))
    assert top < 1_000


def test_it_fits_a_telephone(opened: Chrome) -> None:
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    try:
        opened.save_screenshot(str(SHOTS / "docs-telephone.png"))
        assert opened.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
