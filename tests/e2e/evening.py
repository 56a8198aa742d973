"""A quiz evening in one browser: a host's room with questions, phones, a big screen, and a crowd on sockets."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Browser, Page, expect

from gamekeeper import Rejected
from gamekeeper.client import Client, Connection
from gamekeeper_apps.quiz.guessing import value
from tests.e2e.lesson import DESK, PHONE, page_of

WALL = {"width": 1920, "height": 1080}
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
QUICK: dict[str, Any] = {"pre_read_s": 0, "lead_ms": 400}


def single(text: str, *options: str, right: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "single", "text": text, "options": listed(options, (right,)), **more}


def listed(options: tuple[str, ...], right: tuple[int, ...]) -> list[dict[str, Any]]:
    return [{"text": text, "correct": at in right, "weight": 100 * (at in right)} for at, text in enumerate(options)]


CAPITAL = single("Capital of France?", "Paris", "Rome", "Bonn", "Oslo", explanation="Since 987.")
PRIMES = {"type": "multi", "text": "Which are primes?", "options": listed(("2", "3", "4"), (0, 1))}
ORDER = {"type": "order", "text": "Nearest to the sun first.", "options": listed(("Venus", "Earth", "Mars"), (0, 1, 2))}
MATCH = {
    "type": "match", "text": "Who says what?",
    "pairs": [{"left": "cat", "right": "meow"}, {"left": "dog", "right": "woof"}, {"left": None, "right": "moo"}],
}  # fmt: skip
TYPED = {"type": "typed", "text": "Who painted the Mona Lisa?", "options": listed(("Leonardo",), (0,)), "typos": 1}
NUMBER = {"type": "number", "text": "Bones of an adult?", "numeric": {"accept": [{"min": 201, "max": 211}]}}
POLL = {"type": "poll", "text": "Tea or coffee?", "options": listed(("Tea", "Coffee"), ())}
CLOUD = {"type": "word_cloud", "text": "What comes to mind?"}
OPEN = {"type": "open", "text": "What will you try?"}
FORMULA = single(r"What is \(\int_0^1 x^2\,dx\)?", r"\(\frac{1}{3}\)", r"\(\sqrt{2}\)")
TRUTH = {"type": "true_false", "text": "The sea is salty.", "options": listed(("True", "False"), (0,))}


class Evening:
    """A host's room and everybody in it. What a page complains of, policy reports among it, is collected."""

    def __init__(self, browser: Browser, url: str, parts: dict[str, list[Any]], **settings: Any) -> None:
        self.complaints: list[str] = []
        self.url = url
        self._browser = browser
        self.host = self._page(DESK)
        api, headers = self.host.context.request, {"Origin": url}
        api.post("/auth/guest", data={"name": "Quizmaster"}, headers=headers)
        config = {"title": "Friday quiz", "settings": QUICK | settings}
        room = api.post("/rooms", data={"app": "quiz", "config": config}, headers=headers).json()
        self.room, self.code, self.screen_code = room["id"], room["code"], room["spectator_code"]
        self.base = f"/quiz/{self.room}"
        for title, questions in parts.items():
            path = f"/api/quiz/rooms/{self.room}/segments"
            added = api.post(path, data={"title": title, "questions": questions}, headers=headers)
            assert added.ok, added.text()
        self.host.goto(f"{self.base}/host")
        expect(self.host.locator("h1")).to_contain_text("Friday quiz")

    def _page(self, size: dict[str, int], **options: Any) -> Page:
        return self.watched(page_of(self._browser, self.url, size, self.complaints, **options))

    def watched(self, page: Page) -> Page:
        """What the policy refuses stands in the console."""
        page.on("console", lambda said: self._refused(said.text))
        return page

    def _refused(self, said: str) -> None:
        if "Content Security Policy" in said:
            self.complaints.append(said)

    def beside(self, path: str, size: dict[str, int] = DESK) -> Page:
        """A further page of the host's browser."""
        page = self.watched(self.host.context.new_page())
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{self.base}/{path}")
        return page

    def screen(self) -> Page:
        """The big screen on a machine of its own, by its own code."""
        page = self._page(WALL)
        page.goto(f"/join/{self.screen_code}")
        page.fill("input[autocomplete=nickname]", "Wall")
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/screen")
        return page

    def phone(
        self, name: str, size: dict[str, int] = PHONE, *, weighed: list[float] | None = None, **options: Any
    ) -> Page:
        """Somebody joins. `weighed` takes the bytes of everything that comes over the line, as it was sent."""
        phone = self._page(size, has_touch=True, **options)
        if weighed is not None:
            line = phone.context.new_cdp_session(phone)
            line.send("Network.enable")
            line.on("Network.loadingFinished", lambda told: weighed.append(told["encodedDataLength"]))
            line.on("Network.webSocketFrameReceived", lambda told: weighed.append(len(told["response"]["payloadData"])))
        phone.goto(f"/join/{self.code}")
        phone.fill("input[autocomplete=nickname]", name)
        phone.locator("button[type=submit]").click()
        phone.wait_for_url("**/quiz/*")
        expect(phone.locator("main h1")).to_be_visible()
        return phone

    def does(self, label: str, page: Page | None = None) -> None:
        """A button whose text begins like this is pressed once it can be."""
        (page or self.host).get_by_role("button", name=label).first.click()

    def tell(self) -> None:
        """Close what is still open, and reveal."""
        reveal = self.host.get_by_role("button", name="Reveal")
        close = self.host.get_by_role("button", name="Close", exact=True)
        expect(reveal.or_(close).first).to_be_visible()
        if not reveal.count():
            close.click()
        reveal.click()


def tap(phone: Page, at: int = 0) -> None:
    """Answer with one option, and wait until the server has it."""
    phone.locator(".option:enabled").nth(at).click(timeout=10_000)
    expect(phone.locator(".state")).to_contain_text("Sent")


def send(phone: Page) -> None:
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.locator(".state")).to_contain_text("Sent")


# A button that has just become enabled is still half transparent when axe looks: colours count when the page is still.
STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let turn = 0; turn < 100 && document.querySelector('[aria-busy=true]'); turn++) await frame();
  const passing = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(passing.map((one) => one.finished));
  await frame();
  await frame();
}"""


def findings(page: Page) -> list[str]:
    """What axe-core finds that is serious or worse, and where; what a second look does not find was passing."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return _look(page) and _look(page)


def _look(page: Page) -> list[str]:
    page.evaluate(STILL)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def fits(page: Page) -> bool:
    """Nothing scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


class Crowd:
    """Players on sockets, in a thread of their own: they answer whatever is open. Leave it to end them."""

    def __init__(self, url: str, code: str) -> None:
        self._url, self._code = url, code
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._members: list[tuple[Client, Connection]] = []
        self._games: list[asyncio.Task[None]] = []

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(60)

    def join(self, names: list[str]) -> None:
        """Come in and call oneself so; the room makes of the name what it may be."""
        for name in names:
            self._do(self._join(name))

    async def _join(self, name: str) -> None:
        client = Client(self._url)
        await client.guest("Guest")
        joined = await client.join(self._code)
        live = client.connect(joined.room)
        await live.__aenter__()
        await live.send("join", {"name": name})
        self._members.append((client, live))
        self._games.append(asyncio.ensure_future(self._play(live, Random(len(self._members)))))

    async def _play(self, live: Connection, rng: Random) -> None:
        """Answer each question once, as soon as it is open."""
        last = 0
        while True:
            await live.until(partial(_due, live, last), 600)
            if live.public["phase"] == "ended":
                return
            ask = live.public["ask"]
            try:
                await live.send("answer", {"ask": ask["ask"], "value": value(ask, rng)})
            except Rejected as rejected:
                if rejected.code in ("not_open", "slow_down"):
                    await asyncio.sleep(0.1)
                    continue
            last = ask["ask"]

    async def _leave(self) -> None:
        for game in self._games:
            game.cancel()
        await asyncio.gather(*self._games, return_exceptions=True)
        for client, live in self._members:
            await live.close()
            await client.__aexit__(None, None, None)

    def views(self, of: Callable[[Connection], Any]) -> list[Any]:
        return [of(live) for _, live in self._members]


def _due(live: Connection, last: int) -> bool:
    """A question to answer, or the end."""
    public = live.public
    if public["phase"] != "open" or public["pause"]:
        return bool(public["phase"] == "ended")
    return bool(public["ask"]["ask"] > last and public["ask"]["type"] != "slide")
