"""The test game, with everybody told who is there."""

from gamekeeper.app import App
from gamekeeper.core.seats import PLAYER
from gamekeeper.testing.tally import Tally


class Crowd(Tally):
    presence = "everyone"


app = App("crowd", "Crowd", Crowd(), creator=PLAYER)
