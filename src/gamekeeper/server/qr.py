"""Join links as QR codes."""

import io

import segno

BORDER_MODULES = 4
"""The quiet zone the standard asks for; scanners need it."""


def qr_svg(text: str) -> bytes:
    """A scalable picture, dark on white so that it can be scanned on any page."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", border=BORDER_MODULES, dark="#000", light="#fff", omitsize=True, xmldecl=False
    )
    return picture.getvalue()
