"""Where players, and commands on this machine, find the server."""

import re
from pathlib import Path

from starlette.datastructures import URL

from gamekeeper.log.backup import LOG_FILE
from gamekeeper.log.filelock import FileLock
from gamekeeper.server.addresses import lan_address, player_url, read_address, write_address
from tests.server.kit import settings_in


def test_the_public_address_comes_first(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, public_url="https://play.example")
    assert player_url(settings, URL("http://hall.example:8000/x")) == "https://play.example"


def test_an_address_that_others_can_use_is_kept(tmp_path: Path) -> None:
    assert player_url(settings_in(tmp_path), URL("http://hall.example:8000/x")) == "http://hall.example:8000"


def test_a_host_on_loopback_hands_out_the_networks_address(tmp_path: Path) -> None:
    url = player_url(settings_in(tmp_path, host="0.0.0.0"), URL("http://localhost:8123/"))
    assert re.fullmatch(r"http://(localhost|\d+\.\d+\.\d+\.\d+):8123", url)
    assert url == f"http://{lan_address()}:8123"


def test_what_only_this_machine_reaches_says_so(tmp_path: Path) -> None:
    assert player_url(settings_in(tmp_path, port=8001)) == "http://localhost:8001"


def test_the_address_counts_while_a_server_holds_the_folder(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert read_address(settings) is None
    settings.data.mkdir()
    write_address(settings, "http://127.0.0.1:1")
    assert read_address(settings) is None
    lock = FileLock(settings.data / f"{LOG_FILE}.lock")
    try:
        assert read_address(settings) == "http://127.0.0.1:1"
    finally:
        lock.release()
