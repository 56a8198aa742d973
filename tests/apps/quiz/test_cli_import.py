"""`gamekeeper quiz import`: its JSON, its file and its exit statuses."""

import json
from pathlib import Path

from typer.testing import CliRunner

from gamekeeper_apps.quiz.cli import commands


def _run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(commands, ["import", *map(str, arguments)])
    return result.exit_code, result.stdout


def test_questions_are_printed_and_written(tmp_path: Path) -> None:
    (tmp_path / "q.gift").write_text("Q {=a ~b}\n\nBad {~a}\n")
    out = tmp_path / "quiz.json"
    code, printed = _run(tmp_path / "q.gift", "-o", out, "--json")
    assert (code, printed.count("\n")) == (0, 1)
    report = json.loads(printed)
    assert report["counts"] == {"questions": 1, "skipped": 1}
    assert report["problems"][0]["line"] == 3
    assert out.read_text().startswith('{\n  "format": "gamekeeper-quiz/1"')
    assert json.loads(_run(out)[1])["questions"] == report["questions"]


def test_exit_statuses(tmp_path: Path) -> None:
    good, none, bad = (tmp_path / name for name in ("good.txt", "none.txt", "bad.xml"))
    good.write_text("Q {=a}")
    none.write_text("$CATEGORY: x")
    bad.write_text("<quiz>\n<a></b></quiz>")
    assert _run(good)[0] == 0
    assert _run(none)[0] == 3
    code, printed = _run(good, bad, tmp_path / "absent")
    report = json.loads(printed)
    assert (code, report["counts"]["questions"]) == (2, 1)
    assert [one["reason"].partition(":")[0] for one in report["problems"]] == ["error-not-readable"] * 2
    assert report["problems"][0]["line"] == 2
    assert _run(good, "--format", "nonsense")[0] == 2
