"""The small model of lease, fence, append and resume (`proof/ownership.pml`), checked in every state it can reach."""

import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[2] / "proof" / "ownership.pml"


def errors(folder: Path, *planted: str) -> tuple[int, int]:
    """How many errors the checker finds (it stops at the first), and how many states it has seen."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if shutil.which("spin") is None or compiler is None:
        pytest.skip("no Spin or no C compiler on this machine: `apt install spin gcc`")
    shutil.copy(MODEL, folder)
    subprocess.run(["spin", *planted, "-a", MODEL.name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([compiler, "-O2", "-DSAFETY", "-DCOLLAPSE", "-w", "-o", "pan", "pan.c"], cwd=folder, check=True)
    done = subprocess.run(["./pan", "-E", "-m1000000"], cwd=folder, capture_output=True, text=True, check=False)
    assert "search depth too small" not in done.stdout and "max search" not in done.stdout
    found = next(line for line in done.stdout.splitlines() if "errors:" in line)
    states = next(line for line in done.stdout.splitlines() if "states, stored" in line)
    return int(found.rpartition(":")[2]), int(float(states.split()[0]))


def test_no_state_breaks_a_promise(tmp_path: Path) -> None:
    """I1 to I4 whatever the order of claims, lost leases, deaths, late appends and reconnections."""
    found, states = errors(tmp_path)
    assert found == 0
    assert states > 100_000, "the whole of it was looked at"


@pytest.mark.parametrize("planted", ["-DNO_FENCE", "-DMEMORY_ONLY", "-DPUBLISH_STALE", "-DOFF_BY_ONE"])
def test_a_planted_fault_is_found(tmp_path: Path, planted: str) -> None:
    assert errors(tmp_path, planted)[0] == 1
