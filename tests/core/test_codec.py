"""The persistent map on its way through JSON."""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gamekeeper.core.codec import decode_map, encode_map, json_decoder, json_encoder
from gamekeeper.core.frozen import Frozen
from gamekeeper.core.seats import Seat


class Table(Frozen):
    coins: Map[Seat, Literal["heads", "tails"]] = Map()
    times: Map[str, tuple[datetime, ...]] = Map()
    nested: Map[int, Map[str, int]] = Map()
    loose: Map = Map()


@given(
    st.builds(
        Table,
        st.dictionaries(st.integers(1, 9).map(Seat), st.sampled_from(["heads", "tails"])).map(Map),
        st.dictionaries(st.text(max_size=3), st.just((datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=UTC),))).map(Map),
        st.dictionaries(st.integers(), st.dictionaries(st.text(max_size=2), st.integers(0, 9)).map(Map)).map(Map),
        st.dictionaries(st.text(max_size=3), st.none() | st.integers(0, 9)).map(Map),
    )
)
def test_maps_survive_json_with_the_types_of_their_keys(table: Table) -> None:
    assert json_decoder(Table).decode(json_encoder.encode(table)) == table


def test_a_map_is_written_as_an_object() -> None:
    assert json_encoder.encode(Map({Seat(1): "heads"})) == b'{"1":"heads"}'


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"coins":{"1":"edge"}}', r"\$"),
        (b'{"coins":{"one":"heads"}}', r"\$"),
        (b'{"coins":[]}', "object"),
        (b'{"nested":{"1":{"a":"x"}}}', r"\$"),
    ],
)
def test_wrong_keys_and_values_are_refused(body: bytes, place: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=place):
        json_decoder(Table).decode(body)


def test_what_is_no_map_is_named() -> None:
    with pytest.raises(NotImplementedError, match="complex cannot be written"):
        encode_map(1j)
    with pytest.raises(NotImplementedError, match=r"complex.* cannot be read"):
        decode_map(complex, {})


def test_other_types_are_left_to_msgspec() -> None:
    decoder: Any = json_decoder(dict[str, int])
    assert decoder.decode(b'{"a":1}') == {"a": 1}
