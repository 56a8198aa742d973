"""A gathering in rehearsal: a host, players, questions of every type."""

from typing import Any

from gamekeeper.testing import Rehearsal, Seated
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.questions import Accepted, Numeric, Option, Pair, Question
from gamekeeper_apps.quiz.state import Ask, Room


def options(*texts: str, right: tuple[int, ...] = (0,)) -> tuple[Option, ...]:
    return tuple(Option(text, at in right, 100 if at in right else 0) for at, text in enumerate(texts))


SINGLE = Question("single", "Capital of France?", options=options("Paris", "Rome", "Bonn", "Oslo"))
TRUE_FALSE = Question("true_false", "The sea is salty.", options=options("True", "False"))
MULTI = Question("multi", "Primes?", options=options("2", "3", "4", "5", "6", right=(0, 1, 3)), grading="partial")
PER_OPTION = Question("multi", "Even?", options=options("2", "3", "4", "5", right=(0, 2)), grading="per_option")
NUMBER = Question("number", "A year?", numeric=Numeric((Accepted(1822, 5, 1817, 1827),)))
CLOSEST = Question("number", "How many?", numeric=Numeric((Accepted(500, 0, 500, 500),)), grading="closest")
ORDER = Question("order", "Sort.", options=options("a1", "b2", "c3", "d4", right=(0, 1, 2, 3)), grading="partial")
TYPED = Question("typed", "Who?", options=options("Dag Hammarskjöld"), typos=1)
MATCH = Question(
    "match", "Pairs.", pairs=(Pair("cat", "meow"), Pair("dog", "woof"), Pair("cow", "moo"), Pair(None, "baa"))
)
POLL = Question("poll", "Tea or coffee?", options=options("Tea", "Coffee", right=()))
CLOUD = Question("word_cloud", "One word?")
OPEN = Question("open", "Why?")
SLIDE = Question("slide", "Welcome.")

EVERY = (SINGLE, TRUE_FALSE, MULTI, PER_OPTION, NUMBER, CLOSEST, ORDER, TYPED, MATCH, POLL, CLOUD, OPEN, SLIDE)
QUICK: dict[str, Any] = {"pre_read_s": 0}


class Stage:
    """A room, its host and its players by name."""

    def __init__(
        self,
        *names: str,
        questions: tuple[Question, ...] = (SINGLE,),
        settings: dict[str, Any] | None = None,
        seed: str = "stage",
        start: bool = True,
    ) -> None:
        self.table = Rehearsal(Quiz(), config={"title": "Test", "settings": QUICK | (settings or {})}, seed=seed)
        self.host = self.table.host
        self.players = {name: self.table.join(name) for name in names}
        if questions:
            self.host.send(m.AddSegment("One", questions))
        if start:
            self.host.send(m.Start())

    @property
    def room(self) -> Room:
        state: Room = self.table.state
        return state

    @property
    def ask(self) -> Ask:
        assert self.room.ask is not None
        return self.room.ask

    def show(self, wait_s: float | None = None) -> Ask:
        """Put the next question and wait until it has been open for some seconds (None: until it just opens)."""
        self.host.send(m.Show())
        opens = self.ask.opens_at.timestamp() - self.table.time.now()
        self.table.advance(opens + (wait_s or 0.0))
        return self.ask

    def oid(self, *positions: int) -> Any:
        """The oids of options by their place in the question."""
        by_place = dict(zip(self.ask.order, self.ask.oids, strict=True))
        found = [by_place[at] for at in positions]
        return found[0] if len(found) == 1 else found

    def answer(self, name: str, value: Any, **extra: Any) -> None:
        self.players[name].send(m.Answer(self.ask.id, value, **extra))

    def reveal(self) -> None:
        """Close if need be, and tell."""
        if self.room.phase == "open":
            self.host.send(m.Close())
        self.table.advance(0.3)
        self.host.send(m.Reveal())

    def score(self, name: str) -> int:
        return self.room.players[self.players[name].seat].score

    def seated(self, name: str) -> Seated:
        return self.players[name]
