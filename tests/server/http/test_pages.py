"""The built pages."""

from pathlib import Path

import pytest

from gamekeeper.server.http.pages import find
from tests.server.kit import Site, error_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def pages(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pages"
    for name, content in {
        "index.html": "home", "sign-in.html": "sign in", "chsh/index.html": "chsh", "favicon.svg": "<svg/>",
        "assets/main-1a2b.js": "js",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (tmp_path / "secret.html").write_text("secret")
    monkeypatch.setattr(site.server, "pages", folder)
    return folder


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/", "home"),
        ("/join/KJ4P7X", "home"),
        ("/room/abc", "home"),
        ("/sign-in", "sign in"),
        ("/chsh", "chsh"),
        ("/chsh/host/abc", "chsh"),
        ("/favicon.svg", "<svg/>"),
        ("/assets/main-1a2b.js", "js"),
    ],
)
async def test_every_address_has_its_page(pages: Path, site: Site, path: str, content: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, content)


@pytest.mark.parametrize(
    "path",
    ["/assets/other.js", "/missing.png", "/api/nothing", "/auth/nothing", "/../secret.html", "/%2e%2e/secret.html",
     "/..%2fsecret.html", "/chsh/..%2f..%2fsecret.html", "//etc/passwd.html"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(pages: Path, site: Site, path: str) -> None:
    async with site.client() as client:
        answer = await client.get(path)
    assert answer.status_code == 404 and error_of(answer) == "not_found"


async def test_pages_are_only_read(pages: Path, site: Site) -> None:
    async with site.client() as client:
        assert error_of(await client.post("/nothing/here")) == "not_found"
        assert (await client.head("/")).status_code == 200


async def test_hashed_files_are_kept_and_pages_asked_for_again(pages: Path, site: Site) -> None:
    async with site.client() as client:
        asset, page = await client.get("/assets/main-1a2b.js"), await client.get("/")
        assert "immutable" in asset.headers["cache-control"] and page.headers["cache-control"] == "no-cache"
        again = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
        assert again.status_code == 304 and not again.content
        (pages / "index.html").write_text("new home")
        changed = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
        assert changed.text == "new home"
    assert asset.headers["content-type"].startswith(("text/javascript", "application/javascript"))


async def test_texts_go_packed_to_who_takes_them_so(pages: Path, site: Site) -> None:
    """And are unpacked again to what they were; what is short or no text goes as it is."""
    (pages / "assets" / "big-1.js").write_text("a = 1;" * 1_000)
    (pages / "assets" / "big-2.png").write_bytes(bytes(5_000))
    async with site.client() as client:
        packed = await client.get("/assets/big-1.js", headers={"Accept-Encoding": "gzip, br"})
        plain = await client.get("/assets/big-1.js", headers={"Accept-Encoding": "identity"})
        others = [await client.get(path) for path in ("/assets/big-2.png", "/assets/main-1a2b.js")]
    assert packed.headers["content-encoding"] == "gzip" and int(packed.headers["content-length"]) < 200
    assert packed.text == plain.text and "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"] and packed.headers["vary"] == "Accept-Encoding"
    assert all("content-encoding" not in other.headers for other in others)


async def test_missing_pages_are_explained(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.server, "pages", tmp_path)
    async with site.client() as client:
        answer = await client.get("/")
    assert answer.status_code == 503 and "make build" in answer.text and "text/html" in answer.headers["content-type"]


def test_nothing_outside_the_folder_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.html").touch()
    (tmp_path / "secret").touch()
    (folder / "link").symlink_to(tmp_path / "secret")
    assert find(folder, "../secret") is None
    assert find(folder, "link") is None
