"""The known faults of other live quizzes, each a test with its name."""

import json
from uuid import uuid4

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.formats.found import Found
from gamekeeper_apps.quiz.formats.reading import read
from gamekeeper_apps.quiz.guessing import value
from gamekeeper_apps.quiz.questions import Option, Question
from gamekeeper_apps.quiz.scoring import points
from tests.apps.quiz.formats.samples import text as imported
from tests.apps.quiz.stage import CLOUD, ORDER, SINGLE, TYPED, Stage

CROWD = tuple(f"P{number}" for number in range(130))


def crowd(**settings: object) -> Stage:
    stage = Stage(*CROWD[:60], settings=settings, start=False)
    stage.host.send(m.SetRate(10_000, 10_000))
    for name in CROWD[60:]:
        stage.players[name] = stage.table.join(name)
    stage.host.send(m.Start())
    return stage


def test_classquiz_326_no_answer_of_130_is_lost() -> None:
    """A shared list, read, changed and written back, keeps about 110 of them."""
    stage = crowd()
    stage.show(1.0)
    for name in CROWD:
        stage.answer(name, stage.oid(0))
    stored = [event for event in stage.table.events if type(event).__wire_name__ == "answered"]
    assert len(stored) == 130 and stage.ask.answered == 130 and stage.room.phase == "closed"


def test_x_has_answered_is_not_told_to_everybody() -> None:
    """500 players would be sent 250 000 frames for one question."""
    stage = crowd()
    stage.show(1.0)
    before = sum(len(player.payloads) for player in stage.players.values())
    for name in CROWD[:-1]:
        stage.answer(name, stage.oid(0))
    sent = sum(len(player.payloads) for player in stage.players.values()) - before
    assert sent <= 2 * (len(CROWD) - 1)


def test_classquiz_422_the_counter_is_never_above_the_number_of_players() -> None:
    """Two rooms, and people who leave after they answered."""
    one, other = Stage("Ann", "Bob", "Cyd"), Stage("Ann", "Bob")
    one.show(1.0)
    other.show(1.0)
    for name in ("Ann", "Bob"):
        one.answer(name, one.oid(0))
    assert (other.ask.answered, other.room.phase) == (0, "open")
    one.host.send(m.Kick(one.players["Ann"].seat))
    one.table.advance(1)
    assert one.ask.answered_online <= one.room.online == 2


def test_classquiz_301_the_tenth_reconnect_is_as_good_as_the_first() -> None:
    """M5: same seat, score, stored answer, running question; never a second answer."""
    stage = Stage("Ann", "Bob", questions=(SINGLE, SINGLE))
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    first = stage.table.reconnect(stage.players["Ann"])
    again = first
    for _ in range(9):
        again = stage.table.reconnect(again)
    assert json.loads(again.payloads[0])["private"] == json.loads(first.payloads[0])["private"]
    assert json.loads(again.payloads[0])["public"]["ask"] == json.loads(first.payloads[0])["public"]["ask"]
    assert again.private["answer"] == {"ask": 1, "value": stage.oid(0)} and again.seat == first.seat
    with pytest.raises(Rejected, match="already_answered"):
        again.send(m.Answer(1, stage.oid(1)))


def test_the_late_close_of_an_old_socket_does_not_remove_the_new_one() -> None:
    stage = Stage("Ann", "Bob")
    ann = stage.players["Ann"]
    new = stage.table._seat(ann.user, ann.seat, ann.role)
    stage.table.leave(ann)
    stage.table.advance(30)
    assert stage.room.players[new.seat].online and stage.room.online == 2


def test_what_the_encoder_refuses_is_found_before_it_is_written() -> None:
    """A UUID among the answers: refused by name here, an endless loop of errors elsewhere."""
    stage = Stage("Ann", questions=(TYPED,))
    stage.show(1.0)
    with pytest.raises(Rejected, match="bad_value"):
        stage.answer("Ann", uuid4())
    for payload in stage.players["Ann"].payloads:
        msgspec.json.decode(payload)


def test_late_answers_neither_count_nor_land_in_the_next_question() -> None:
    stage = Stage("Ann", "Bob", questions=(SINGLE, SINGLE), settings={"limit_s": 5, "allow_change": True})
    stage.show(6.0)
    with pytest.raises(Rejected, match="too_late"):
        stage.answer("Ann", stage.oid(0))
    stage.host.send(m.Reveal())
    stage.show(1.0)
    with pytest.raises(Rejected, match="too_late"):
        stage.players["Ann"].send(m.Answer(1, "anything"))
    assert stage.ask.answered == 0


def test_no_score_is_below_zero_for_being_late() -> None:
    """25 s of 20 gave -250."""
    assert [points(preset, 20_000, 25_000, 1_000) for preset in ("kahoot", "linear", "flat", "off")] == [0, 0, 0, 0]


def test_974_and_a_half_is_975() -> None:
    assert points("kahoot", 10_000, 510, 1_000) == 975


def test_option_ids_and_their_order_say_nothing_of_the_key() -> None:
    """Ids are drawn for each ask; what has its key in its order is always mixed."""
    seen: set[str] = set()
    orders: set[tuple[int, ...]] = set()
    for seed in range(12):
        stage = Stage("Ann", questions=(ORDER,), seed=str(seed))
        stage.show(1.0)
        assert not seen & set(stage.ask.oids)
        seen |= set(stage.ask.oids)
        orders.add(stage.ask.order)
    assert len(orders) > 4


def test_free_text_is_not_written_on_the_projector() -> None:
    stage = Stage("Ann", questions=(CLOUD,))
    screen = stage.table.watch()
    stage.show(1.0)
    stage.answer("Ann", ["RUDE"])
    stage.reveal()
    stage.table.advance(1)
    assert not any(b"RUDE" in payload for payload in screen.payloads)


def test_a_resend_never_reshuffles() -> None:
    """The answer does not move under the finger: seat order is a function of the ask and the seat."""
    stage = Stage("Ann", "Bob", "Cyd", "Dan", settings={"shuffle": "seat"})
    stage.show(1.0)
    orders = {name: player.private["order"] for name, player in stage.players.items()}
    assert len({tuple(order) for order in orders.values()}) > 1
    for name, player in stage.players.items():
        back = stage.table.reconnect(player)
        assert back.private["order"] == orders[name]
        assert [one["oid"] for one in back.public["ask"]["options"]] == list(stage.ask.oids)


def test_who_comes_back_can_still_answer() -> None:
    """A resume that did not carry the question made its player sit it out."""
    stage = Stage("Ann", "Bob")
    stage.show(1.0)
    back = stage.table.reconnect(stage.players["Ann"])
    back.send(m.Answer(back.public["ask"]["ask"], back.public["ask"]["options"][0]["oid"]))
    assert back.private["answer"]["ask"] == 1


def test_a_classroom_behind_one_router_gets_in() -> None:
    """Five joins a minute from one address let in five children."""
    stage = Stage(*(f"Child {number}" for number in range(40)))
    assert stage.room.entered == 40


def test_upper_and_lower_case_keep_their_own_credit() -> None:
    york = Question("typed", "?", options=(Option("York", True, 100), Option("york", True, 50)), case=True)
    stage = Stage("Ann", "Bob", questions=(york,), settings={"preset": "flat"})
    stage.show(1.0)
    stage.answer("Ann", "York")
    stage.answer("Bob", "york")
    stage.reveal()
    assert (stage.score("Ann"), stage.score("Bob")) == (1_000, 500)


def test_artemis_11433_a_storm_of_reconnects_is_no_storm_of_events() -> None:
    """Everybody's line blinks: nobody is told, nothing is written."""
    stage = crowd()
    stage.show(1.0)
    written, sent = len(stage.table.records), len(stage.host.payloads)
    for name in CROWD:
        stage.players[name] = stage.table.reconnect(stage.players[name])
    stage.table.advance(5)
    assert (len(stage.table.records), len(stage.host.payloads)) == (written, sent)


def test_a_bot_answers_every_type_validly() -> None:
    """A harness that sends what is refused would count refusals as lost answers."""
    from random import Random

    from tests.apps.quiz.stage import EVERY

    stage = Stage("Ann", questions=tuple(one for one in EVERY if one.type != "slide"))
    for _ in range(len(EVERY) - 1):
        stage.show(1.0)
        stage.answer("Ann", value(stage.players["Ann"].public["ask"], Random(1)))
        stage.reveal()
    assert stage.room.ask_count == len(EVERY) - 1


def test_two_of_one_name_are_two_players() -> None:
    """Identity by display name lets somebody answer for somebody else."""
    stage = Stage("Ann", "ann", settings={"preset": "flat"})
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    stage.answer("ann", stage.oid(1))
    stage.reveal()
    assert (stage.score("Ann"), stage.score("ann")) == (1_000, 0)
    assert len({one.name for one in stage.room.players.values()}) == 2


def test_a_lag_that_the_client_makes_up_is_capped() -> None:
    """A pong held back for a minute: a quarter second is believed, no more."""
    from tests.apps.quiz.test_answering import answer_at

    stage = Stage("Ann", "Bob")
    stage.show(3.0)
    assert answer_at(stage, "Ann", 3.0, 0, rtt_ms=60_000) == ""
    assert stage.room.players[stage.players["Ann"].seat].answers[1].credited_ms == 2_750


def test_three_thirds_are_a_full_answer() -> None:
    thirds = Question(
        "multi",
        "?",
        options=(*(Option(name, True, 33.33333) for name in "abc"), Option("d", False, -100)),
        grading="weights",
    )
    stage = Stage("Ann", "Bob", questions=(thirds,), settings={"preset": "flat", "streak": True})
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0, 1, 2))
    stage.answer("Bob", stage.oid(0, 1))
    stage.reveal()
    assert (stage.score("Ann"), stage.score("Bob")) == (1_000, 667)
    assert stage.room.players[stage.players["Ann"].seat].streak == 1


def test_typed_answers_are_not_sent_inside_the_question() -> None:
    stage = Stage("Ann", "Bob", questions=(TYPED,))
    stage.show(1.0)
    stage.table.reconnect(stage.players["Bob"])
    assert not any(b"Hammarskj" in payload for player in stage.players.values() for payload in player.payloads)


def test_gift_comments_of_true_and_false_are_bound_by_position() -> None:
    """The samples' reading, not wrong-then-right."""
    (item,) = imported("Q {TRUE#first#second}", "gift").questions
    assert [(one["text"], one["feedback"]) for one in item["options"]] == [("True", "first"), ("False", "second")]


QTI_1 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2.dtd">
<questestinterop><item ident="i" title="Caf\u00e9"><itemmetadata>
<qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>essay_question</fieldentry>
</qtimetadatafield></qtimetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>
<fieldentry>matching_question</fieldentry></qtimetadatafield></qtimetadata></itemmetadata><presentation>
<material><mattext texttype="text/html">Caf\u00e9? &lt;img src="$IMS_CC_FILE_BASE$/a.png"&gt;</mattext></material>
<response_lid ident="r" rcardinality="Single"><render_choice shuffle="TRUE">
<response_label ident="1"><material><mattext>yes</mattext></material></response_label>
<response_label ident="2"><material><mattext>no</mattext></material></response_label></render_choice></response_lid>
</presentation><resprocessing><respcondition><conditionvar><varequal respident="r">2</varequal></conditionvar>
<setvar>100</setvar></respcondition></resprocessing></item></questestinterop>"""


def test_qti_is_read_by_its_structure_whatever_its_metadata_say() -> None:
    found = Found("i.xml")
    read(QTI_1.encode("latin-1"), "auto", found)
    (item,) = found.questions
    assert (item["type"], item["title"], [one["correct"] for one in item["options"]]) == (
        "single",
        "Caf\u00e9",
        [False, True],
    )
    assert [problem["reason"].partition(":")[0] for problem in found.problems] == ["warn-media-missing"]
