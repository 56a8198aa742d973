"""A live quiz: one room, a thousand players, every point recomputable from the log."""

from gamekeeper import HOST, App
from gamekeeper_apps.quiz.drafters import installed
from gamekeeper_apps.quiz.game import Quiz

app = App(
    name="quiz",
    title="Live quiz",
    description="Questions on the big screen, answers from every phone, and results that are exactly right.",
    game=Quiz(),
    creator=HOST,
    page="/quiz/{room}",
    host_page="/quiz/{room}/host",
    spectator_page="/quiz/{room}/screen",
    routes="gamekeeper_apps.quiz.routes:routes",
    cli="gamekeeper_apps.quiz.cli:commands",
    bots="gamekeeper_apps.quiz.bots:bots",
    reactors=("gamekeeper_apps.quiz.drafters:reactor",) if installed() else (),
)
