"""Is a page for everybody? axe-core on what is there, and the keyboard alone."""

from pathlib import Path

from playwright.sync_api import Page

PACKAGES = Path(__file__).parents[2] / "web" / "node_modules"
MAX_TABS = 120


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical, by rule and element."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate((PACKAGES / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def focused(page: Page) -> str:
    """What has the focus: its label or text."""
    text: str = page.evaluate(
        "(e => (e?.getAttribute('aria-label') || e?.labels?.[0]?.innerText || e?.innerText || '').trim())"
        "(document.activeElement)"
    )
    return text


def tab_to(page: Page, name: str) -> None:
    """Go on by Tab until what begins with this name has the focus."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name!r}")


def press(page: Page, name: str) -> None:
    """Reach a control by Tab and use it by Enter."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.wait_for()
    tab_to(page, name)
    page.keyboard.press("Enter")


def decoded(reader: Page, picture: bytes) -> str:
    """What a QR code says, from a picture of it."""
    if not reader.evaluate("typeof jsQR !== 'undefined'"):
        reader.evaluate((PACKAGES / "jsqr" / "dist" / "jsQR.js").read_text())
    text: str = reader.evaluate(
        """async bytes => {
            const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            canvas.drawImage(bitmap, 0, 0);
            const { data, width, height } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
            return jsQR(data, width, height)?.data ?? "";
        }""",
        list(picture),
    )
    return text
