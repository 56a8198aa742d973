"""Applications: what they are made of and how they are found."""

from dataclasses import FrozenInstanceError
from importlib.metadata import EntryPoint

import pytest
from examples.pennies import Pennies, app

from gamekeeper import HOST, PLAYER, App, Misuse
from gamekeeper import app as module
from gamekeeper.app import ENTRY_POINT_GROUP, load_apps, resolve

other = App("pennies", "Another game of the same name", Pennies())
not_an_app = Pennies()


def test_an_application_says_little_and_the_rest_has_defaults() -> None:
    assert (app.name, app.title, app.creator) == ("pennies", "Matching pennies", PLAYER)
    assert (other.creator, other.connections, other.routes, other.reactors) == (HOST, "replace", None, ())
    with pytest.raises(FrozenInstanceError):
        other.name = "else"


def test_a_reference_names_an_object() -> None:
    assert resolve("examples.pennies:app") is app


@pytest.mark.parametrize("reference", ["", ":", "nowhere:app", "examples.pennies:nothing", "examples.pennies", ".:app"])
def test_a_reference_that_names_nothing_is_told(reference: str) -> None:
    with pytest.raises(Misuse, match="names nothing"):
        resolve(reference)


def test_applications_are_found_by_their_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("pennies", "examples.pennies:app", ENTRY_POINT_GROUP)]
    monkeypatch.setattr(module, "entry_points", lambda group: points if group == "gamekeeper.apps" else [])
    assert load_apps() == {"pennies": app}
    assert load_apps(("examples.pennies:app",)) == {"pennies": app}, "naming it twice is harmless"
    assert load_apps(installed=False) == {}


def test_the_bundled_applications_are_installed() -> None:
    assert "chsh" in load_apps()


@pytest.mark.parametrize(
    ("references", "reason"),
    [
        (("examples.pennies:app", "tests.test_app:other"), "two applications are called 'pennies'"),
        (("tests.test_app:not_an_app",), "is no gamekeeper.App"),
    ],
)
def test_what_cannot_be_served_is_refused(references: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Misuse, match=reason):
        load_apps(references, installed=False)
