"""`gamekeeper chsh verify ROUNDS.csv --secret HEX --commitment HEX`: were the questions fixed before the run?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gamekeeper_apps.chsh.cells import MODES
from gamekeeper_apps.chsh.schedule import verify_commitment
from gamekeeper_apps.chsh.tables.rounds_csv import read_rounds
from gamekeeper_apps.chsh.tables.text import BadTable, read_table, unguard

DIFFERENT = 1
UNREADABLE = 2


def verify(
    file: Annotated[Path, typer.Argument(help="Exported rounds (rounds-csv) of a committed run.")],
    secret: Annotated[str, typer.Option(help="The secret revealed at the run's end, hexadecimal.")],
    commitment: Annotated[str, typer.Option(help="The SHA-256 published when the run opened, hexadecimal.")],
    run: Annotated[str | None, typer.Option(help="The run; default: the last of the file.")] = None,
) -> None:
    """Derive every question anew from the secret. Exit status 0 when all agree, 1 when one does not, 2 on bad input."""
    try:
        table = read_table(file)
        runs = [one for one in read_rounds(table).runs if run in (None, one.run)]
        raw = bytes.fromhex(secret)
        chosen = runs[-1]
        number = int(chosen.run)
    except (BadTable, ValueError, IndexError) as error:
        sys.stderr.write(f"{error or 'there is no such run'}\n")
        raise typer.Exit(UNREADABLE) from error
    asked = {
        (int(row.cells["pair"]), int(row.cells["round"])): row.cells["seat1_item"] + row.cells["seat2_item"]
        for row in table.rows
        if row.cells["run"] == chosen.run and unguard(row.cells["room"]) == chosen.room
    }
    wrong = verify_commitment(commitment, raw, chosen.room, number, asked, MODES[chosen.mode].cells)
    sys.stdout.write(f"{len(asked) - len(wrong)} of {len(asked)} questions are what the secret says\n")
    if wrong:
        raise typer.Exit(DIFFERENT)
