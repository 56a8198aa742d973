"""Columns of the relational side that say more than their type."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, String, func
from sqlalchemy.schema import SchemaItem

ID_CHARACTERS = 22
"""Of rooms and users: 128 random bits and more."""


def bounded(name: str, characters: int, *items: SchemaItem, **options: Any) -> "Column[str]":
    """A column of at most so many characters, wherever it is kept: PostgreSQL holds to the length of its type, SQLite
    only to a constraint."""
    made: Column[str] = Column(name, String(characters), *items, **options)
    fits = CheckConstraint(func.length(made) <= characters, name=f"{name}_characters")
    fits.ddl_if(dialect="sqlite")  # it joins the column's table by itself
    return made
