"""A reviewer in headless Chromium on Argilla's real web UI.

The selectors hold in every language of the UI: nothing here looks for a translated word.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no name has an address, so only loopback is reached
]
LOCAL = ("data:", "blob:", "about:")
FRAMES_READY = """() => {
  const frames = [...document.querySelectorAll('.custom_field_component iframe')];
  return frames.length >= 2 && frames.every(
    f => f.contentDocument && f.contentDocument.querySelector('.es') && f.style.height)
}"""


_OPEN = ExitStack()


@cache
def _playwright() -> Playwright:
    return _OPEN.enter_context(sync_playwright())


@cache
def _chromium(locale: str) -> BrowserContext:
    """The browser of all tests of this process; it keeps the scripts that it has read, as a reviewer's does."""
    profile = _OPEN.enter_context(TemporaryDirectory())
    launch = _playwright().chromium.launch_persistent_context
    return _OPEN.enter_context(launch(profile, executable_path=CHROMIUM, args=ARGUMENTS, locale=locale))


def close_browser() -> None:
    """Close the browser, if a test has opened it."""
    _OPEN.close()


@contextmanager
def browser_page(width: int = 1440, height: int = 900, locale: str = "es-ES") -> Iterator[Page]:
    """A fresh page, that knows nothing another one has stored, and that reaches loopback only."""
    with _chromium(locale).new_page() as page:
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
        session.detach()
        page.set_viewport_size({"width": width, "height": height})
        yield page


class ReviewerPage:
    """What a reviewer sees and does.

    ``sent`` holds the response requests, ``errors`` what the page threw, ``outside`` what it asked other servers for.
    """

    def __init__(self, page: Page, api_url: str) -> None:
        self.page = page
        self.api_url = api_url
        self.sent: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.outside: list[str] = []
        page.on("request", self._remember)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _remember(self, request: Any) -> None:
        if not request.url.startswith((self.api_url, *LOCAL)):
            self.outside.append(request.url)
        if "/responses" in request.url and request.method in ("POST", "PUT"):
            self.sent.append(json.loads(request.post_data))

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto(f"{self.api_url}/sign-in")
        self.page.locator("input[type=text]").fill(username)
        self.page.locator("input[type=password]").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.api_url}/")

    def open(self, dataset_id: str, page: int = 1, status: str = "pending", extra: str = "") -> None:
        self.page.goto(f"{self.api_url}/dataset/{dataset_id}/annotation-mode?page={page}&status={status}{extra}")
        self.page.get_by_role("form", name="Annotation Questions").wait_for()
        self.page.wait_for_function(FRAMES_READY)
        self.page.wait_for_timeout(500)  # the UI fills the form and takes the focus after it has drawn it

    def texts(self, css: str = ".es") -> list[str]:
        """The texts of the custom fields, exactly: the prompt, then the answers by slot."""
        return [
            text
            for frame in self.page.frames[1:]
            for text in frame.evaluate(f"() => [...document.querySelectorAll('{css}')].map(e => e.textContent)")
        ]

    def question(self, name: str) -> Locator:
        return self.page.locator(f'[aria-label="Question: {name}"]')

    def ranking(self) -> list[list[str]]:
        """The titles in each place of the ranking, best first."""
        places = self.question("ranking").locator(".draggable__slot").all()
        return [[str(e.get_attribute("title")) for e in p.locator("[title][tabindex]").all()] for p in places]

    def drag(self, title: str, place: int) -> None:
        """Give an answer its place with the mouse, a taken place too."""
        start = self.question("ranking").get_by_title(title, exact=True).bounding_box()
        end = self.question("ranking").locator(".draggable__slot-box").nth(place - 1).bounding_box()
        assert start
        assert end
        mouse, x, y = self.page.mouse, start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
        mouse.move(x, y)
        mouse.down()
        mouse.move(x - 5, y + 5, steps=4)
        mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
        self.page.wait_for_timeout(250)
        mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + end["height"] / 2 + 1, steps=3)
        mouse.up()
        self.page.wait_for_timeout(300)

    def write(self, question: str, text: str) -> None:
        self.question(question).locator("[role=textbox]").click()
        self.page.wait_for_timeout(300)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")

    def press(self, kind: str) -> None:
        """Press the button ``submit``, ``draft`` or ``discard`` and wait for the server's answer."""
        with self.page.expect_response(_is_response) as answer:
            self.page.locator(f"button.button--{kind}").click()
        assert answer.value.ok, answer.value.text()

    def key(self, key: str) -> None:
        """Press one key on the form as it is and wait for the server's answer."""
        with self.page.expect_response(_is_response) as answer:
            self.page.keyboard.press(key)
        assert answer.value.ok, answer.value.text()


def _is_response(response: Any) -> bool:
    return "/responses" in response.url and response.request.method in ("POST", "PUT")


def check_page_alone(path: Path) -> None:
    """Open a page from its file: it fits a desk and a phone, asks for nothing outside, and runs nothing of data."""
    outside: list[str] = []
    for width in (1440, 390):
        with browser_page(width) as tab:
            tab.on("request", lambda request: outside.append(request.url))
            tab.goto(path.as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.evaluate("window.PWNED ?? null") is None
    assert outside
    assert all(url.startswith((path.as_uri(), "data:")) for url in outside)
