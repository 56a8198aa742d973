"""Answers given again: to the same question only, until something changes, within bounds."""

import math

import msgspec

from gamekeeper.core.record import Entry, Stored, encode_entries
from gamekeeper.log.protocol import Batch
from gamekeeper.server.answers import OVERHEAD_BYTES, Answer, Answers, Question

ANN = Question("room", "ann", False, "")
BOB = Question("room", "bob", False, "")
ELSEWHERE = Question("another", "ann", False, "")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def kept(answers: Answers, *questions: Question, body: bytes = b"{}") -> None:
    for question in questions:
        answers.keep(question, Answer.of(body), answers.begin(question.room))


def batch(room: str, *types: str) -> Batch:
    events = tuple(Stored(name, 1, msgspec.Raw(b"{}")) for name in types)
    return Batch(1, room, 1, len(events), encode_entries([Entry(1, 0, "", 0, "", 0, "x", events)]))


def test_each_question_has_its_own_answer() -> None:
    answers = Answers(math.inf, 1_000_000)
    kept(answers, ANN, body=b"for ann")
    found = answers.find(ANN)
    assert found is not None and found.body == b"for ann"
    strange = [BOB, ANN._replace(is_admin=True), ANN._replace(base="http://localhost"), ANN._replace(room="y")]
    assert [answers.find(one) for one in strange] == [None] * 4
    assert (answers.hits, answers.misses) == (1, 4)


def test_a_change_of_a_room_ends_its_answers_and_no_others() -> None:
    answers = Answers(math.inf, 1_000_000)
    kept(answers, ANN, BOB, ELSEWHERE)
    answers.forget("room")
    assert answers.find(ANN) is answers.find(BOB) is None and answers.find(ELSEWHERE) is not None


def test_what_was_begun_before_a_change_is_not_kept() -> None:
    answers = Answers(math.inf, 1_000_000)
    begun = answers.begin("room")
    answers.forget("room")
    answers.keep(ANN, Answer.of(b"old"), begun)
    again = answers.begin("room")
    answers.clear()
    answers.keep(ANN, Answer.of(b"old"), again)
    assert answers.find(ANN) is None and len(answers) == 0 and answers.bytes == 0


def test_what_nobody_speaks_of_is_given_again_for_a_while_counted_from_its_beginning() -> None:
    clock = Clock()
    answers = Answers(1.0, 1_000_000, clock=clock)
    begun = answers.begin("room")
    clock.now_s += 0.6
    answers.keep(ANN, Answer.of(b"{}"), begun)
    assert answers.find(ANN) is not None
    clock.now_s += 0.4
    assert answers.find(ANN) is None


def test_without_a_life_nothing_is_kept() -> None:
    answers = Answers(0.0, 1_000_000)
    kept(answers, ANN)
    assert len(answers) == 0


def test_entries_and_bytes_are_bounded_and_what_was_asked_for_last_stays() -> None:
    answers = Answers(math.inf, 1_000_000, max_entries=2)
    kept(answers, ANN, BOB)
    answers.find(ANN)
    kept(answers, ELSEWHERE)
    assert answers.find(BOB) is None and answers.find(ANN) is not None and len(answers) == 2
    small = Answers(math.inf, 3 * (OVERHEAD_BYTES + 200))
    kept(small, *(Question(f"room{number}", "ann", False, "") for number in range(50)), body=b"x" * 150)
    assert 0 < len(small) <= 3 and 0 < small.bytes <= 3 * (OVERHEAD_BYTES + 200)
    kept(small, ANN, body=b"x" * 10_000)
    assert len(small) == small.bytes == 0


def test_keeping_again_counts_once() -> None:
    answers = Answers(math.inf, 1_000_000)
    kept(answers, ANN)
    once = answers.bytes
    kept(answers, ANN)
    assert answers.bytes == once and len(answers) == 1


def test_what_the_directory_takes_in_ends_answers_if_it_is_about_members() -> None:
    answers = Answers(math.inf, 1_000_000)
    kept(answers, ANN, ELSEWHERE)
    answers.taken([batch("room", "added")])
    assert answers.find(ANN) is not None
    answers.taken([batch("room", "added", "room.joined")])
    assert answers.find(ANN) is None and answers.find(ELSEWHERE) is not None
    answers.taken(None)
    assert len(answers) == 0


def test_tags_follow_from_the_text() -> None:
    assert Answer.of(b"a").etag == Answer.of(b"a").etag != Answer.of(b"b").etag
