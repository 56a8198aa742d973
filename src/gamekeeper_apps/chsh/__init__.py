"""A live Bell game (CHSH) for a lecture hall."""

from gamekeeper import HOST, App
from gamekeeper_apps.chsh.game import Chsh

app = App(
    name="chsh",
    title="Bell game",
    description="Two people who cannot talk win at most three rounds in four. Unless nature helps.",
    game=Chsh(),
    creator=HOST,
    page="/chsh/{room}",
    host_page="/chsh/{room}/host",
    spectator_page="/chsh/{room}/projector",
    routes="gamekeeper_apps.chsh.routes:routes",
    cli="gamekeeper_apps.chsh.cli:commands",
    bots="gamekeeper_apps.chsh.bots:bots",
)
