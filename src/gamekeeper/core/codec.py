"""msgspec with the one type it does not know: the persistent map.

States use `Map` (a hash array mapped trie) where a plain dict would be copied for every answer of a 5,000-player room.
"""

from typing import Any, get_args, get_origin

import msgspec
from immutables import Map


def encode_map(value: Any) -> Any:
    """`enc_hook`: a persistent map is written as an object."""
    if isinstance(value, Map):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise NotImplementedError(f"{type(value).__name__} cannot be written as JSON")


def decode_map(kind: Any, value: Any) -> Any:
    """`dec_hook`: an object, read as the persistent map of the annotated key and value types."""
    if (get_origin(kind) or kind) is not Map:
        raise NotImplementedError(f"{kind} cannot be read from JSON")
    key_and_value = get_args(kind) or (Any, Any)
    plain: Any = msgspec.convert(value, dict.__class_getitem__(key_and_value), dec_hook=decode_map, str_keys=True)
    return Map(plain)


json_encoder = msgspec.json.Encoder(enc_hook=encode_map)


def json_decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind, dec_hook=decode_map)
