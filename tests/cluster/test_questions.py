"""A question is answered once, by whom it was put to, or lost with them."""

from types import SimpleNamespace
from typing import Any

import pytest

from gamekeeper.cluster.questions import Questions

pytestmark = pytest.mark.anyio


def peer(node: str) -> Any:
    return SimpleNamespace(node=node)


async def test_only_the_node_that_was_asked_answers_and_only_once() -> None:
    post: Any = SimpleNamespace(broken=[])
    questions = Questions[str](post, "lost")
    with questions.asked("two") as (number, answer), questions.asked("three") as (other, second):
        questions.answered(peer("three"), number, "not asked")
        assert not answer.done()
        questions.answered(peer("two"), number, "first")
        questions.answered(peer("two"), number, "second")
        assert await answer == "first"
        assert number != other and not second.done()
    questions.answered(peer("three"), other, "too late")
    assert not second.done()


async def test_what_was_asked_of_a_node_that_is_gone_is_lost() -> None:
    post: Any = SimpleNamespace(broken=[])
    questions = Questions[str](post, "lost")
    with questions.asked("two") as (_, answer), questions.asked("three") as (_, other):
        (broken,) = post.broken
        broken("two")
        assert await answer == "lost"
        assert not other.done()
