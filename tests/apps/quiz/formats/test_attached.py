"""Images: taken along from where the item is, and from nowhere else."""

import pytest

from gamekeeper_apps.quiz.formats.attached import MAX_MEDIA, Attached

FILES = {"sub/a.png": b"a", "web_resources/b.png": b"b", "sub/c.txt": b"c", "sub/d.png": b"d" * (MAX_MEDIA + 1)}


@pytest.mark.parametrize(
    ("source", "there"),
    [
        ("a.png", True),
        ("a.png?x=1", True),
        ("$IMS_CC_FILE_BASE$/b.png", False),
        ("../web_resources/b.png", True),
        ("../../b.png", False),
        ("/sub/a.png", False),
        ("https://example.org/a.png", False),
        ("c.txt", False),
        ("d.png", False),
        ("data:image/png;base64,eA==", True),
    ],
)
def test_what_is_available(source: str, there: bool) -> None:
    assert Attached("sub", FILES.get).all_named(f'<img src="{source}">') is there


def test_a_base_is_the_package_s_resources() -> None:
    attached = Attached("", FILES.get)
    assert attached.all_named('<img alt="x" src="$IMS-CC-FILEBASE$/b.png">')
    assert [one["base64"] for one in attached.media] == ["Yg=="] and not attached.anew().media
    assert not attached.all_named("see $IMS_CC_FILE_BASE$/b.png") and attached.all_named("no image")
