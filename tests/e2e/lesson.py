"""A lecture hall in one browser: a server that can be killed, a host, phones."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, Page

READY_S = 60.0
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}


class Server:
    """`gamekeeper serve` as a process, on a port that stays the same over its lives."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable, "-m", "gamekeeper.server.cli", "serve", "--port", str(self.port), "--data", str(self._data),
            "--app", "examples.pennies:app",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(int(READY_S / 0.05)):
            try:
                urllib.request.urlopen(f"{self.url}/health/ready", timeout=2)
                return
            except (URLError, OSError):
                time.sleep(0.05)
        raise TimeoutError("the server is not ready")

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()


def page_of(browser: Browser, url: str, size: dict[str, int], complaints: list[str], **options: Any) -> Page:
    """A page of its own person. What its console complains of, and what it asks of other hosts, is collected."""
    context = browser.new_context(viewport=size, base_url=url, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: _own(request.url, url, complaints))
    return page


def _own(asked: str, url: str, complaints: list[str]) -> None:
    if not asked.startswith((url, url.replace("http", "ws", 1), "data:", "blob:")):
        complaints.append(f"foreign request: {asked}")


class Lesson:
    """A host's room of the Bell game and the phones in it."""

    def __init__(self, browser: Browser, url: str, *, phones_at: str | None = None, **options: Any) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._phones_at = phones_at or url
        self._options = options
        self.host = page_of(browser, url, DESK, self.complaints, **options)
        self.host.goto("/")
        self.host.click("button[aria-label^='Start Bell']")
        self.host.fill("input[autocomplete=nickname]", "Prof. Weber")
        self.host.click("text=Open the room")
        self.host.wait_for_url("**/host")
        self.host.wait_for_selector("p.code")
        self.code = self.host.locator("p.code").inner_text()
        self.room = self.host.url.split("/")[-2]
        self.phones: list[Page] = []

    def join(self, name: str, **options: Any) -> Page:
        size = options.pop("viewport", PHONE)
        phone = page_of(self._browser, self._phones_at, size, self.complaints, **(self._options | options))
        phone.goto(f"/join/{self.code}")
        phone.fill("input[autocomplete=nickname]", name)
        phone.click("button:has-text('Join')")
        phone.wait_for_url("**/chsh/*")
        self.phones.append(phone)
        return phone

    def projector(self) -> Page:
        page = self.host.context.new_page()
        page.goto(f"/chsh/{self.room}/projector")
        return page

    def open_run(self, rounds: int) -> None:
        self.host.fill("input[type=number] >> nth=0", str(rounds))
        self.host.click("button:has-text('Open the run')")
        self.host.wait_for_selector("button:has-text('Start')")
        self.host.click("button:text-is('Start')")

    def play(self, answers: int) -> int:
        """Phones answer by keyboard and the best plan, until so many answers are given or every result shows. Returns
        how many were given."""
        given = 0
        for _ in range(600):
            if given >= answers or all(phone.locator("h1:has-text('Your result')").count() for phone in self.phones):
                break
            for phone in self.phones:
                if phone.locator(".answers button:enabled").count():
                    asked = phone.locator(".letter").first.get_attribute("aria-label") or ""
                    phone.keyboard.press("2" if asked.endswith("Y") else "1")
                    given += 1
                elif phone.locator("button:has-text('Next round')").count():
                    phone.keyboard.press("n")
            self.host.wait_for_timeout(60)
        return given


def shoot(page: Page, name: str, *, full: bool = False) -> None:
    """A picture for the documentation, where `PICTURES` names a folder."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=full)
