"""QR codes."""

import xml.etree.ElementTree as ElementTree

import segno

from gamekeeper.server.qr import BORDER_MODULES, qr_svg

LINK = "https://play.example/join/KJ4P7X"


def test_the_picture_is_the_code_of_the_link_with_its_quiet_zone() -> None:
    picture = ElementTree.fromstring(qr_svg(LINK))
    modules = segno.make(LINK, error="m", micro=False).symbol_size(border=BORDER_MODULES)[0]
    assert picture.attrib["viewBox"] == f"0 0 {modules} {modules}"
    assert "width" not in picture.attrib


def test_it_needs_nothing_a_content_policy_forbids() -> None:
    assert b"style=" not in qr_svg(LINK) and b"<script" not in qr_svg(LINK)
