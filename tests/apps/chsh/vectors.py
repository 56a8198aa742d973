"""Published and worked-out tables with their figures."""

from gamekeeper_apps.chsh.cells import CROSS_CELLS
from gamekeeper_apps.chsh.counts import Outcomes


def cells(text: str) -> dict[str, Outcomes]:
    """`pp,pm,mp,mm | ...` for AX, AY, BX, BY."""
    parts = text.split("|")
    return {cell: Outcomes(*map(int, part.split(","))) for cell, part in zip(CROSS_CELLS, parts, strict=True)}


DELFT = cells("23,3,4,23 | 33,11,5,30 | 22,10,6,24 | 4,20,21,6")
DETERMINISTIC = cells("10,0,0,0 | 0,12,0,0 | 9,0,0,0 | 0,11,0,0")
SIGNALLING = cells("45,0,0,5 | 45,0,0,5 | 45,0,0,5 | 0,45,5,0")
CONSTANT = cells("50,0,0,0 | 50,0,0,0 | 50,0,0,0 | 0,50,0,0")
PR_BOX = cells("25,0,0,25 | 26,0,0,24 | 24,0,0,26 | 0,25,25,0")
TILTED = cells("240,60,50,150 | 150,45,60,245 | 235,65,55,145 | 60,240,150,50")
UNEVEN = cells("85,15,15,85 | 20,5,5,20 | 22,3,5,20 | 5,20,20,5")
VIENNA = cells(
    "141439,73391,76224,875392736 | 146831,67941,326768,874976534 | 158338,425067,58742,875239860 "
    "| 8392,576445,463985,874651457"
)


def as_csv(counts: dict[str, Outcomes], newline: str = "\n") -> str:
    """A counts table with all columns."""
    lines = ["a,b,same,different,pp,pm,mp,mm"]
    lines += [
        f"{cell[0]},{cell[1]},{one.same},{one.different},{','.join(map(str, one))}" for cell, one in counts.items()
    ]
    return newline.join(lines) + newline
