"""Alert rules and dashboard: the rules behave, and neither names a figure that the server does not give."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.testing.tally import Add
from tests.server.kit import Site, site_in

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "gamekeeper.json"
RUNBOOK = ROOT / "docs" / "howto" / "operate.md"
FIGURE = re.compile(r"\b(?:gamekeeper|process)_[a-z_]+\b")


def test_the_rules_fire_when_they_should_and_only_then() -> None:
    """R0-65, R2-130, R2-131: within a minute of losing the database, among others."""
    promtool = shutil.which("promtool") or shutil.which("promtool", path=Path(sys.executable).parent)
    if promtool is None:
        assert os.environ.get("CI") != "true", "promtool is missing"
        pytest.skip("NO PROMTOOL: the alert rules were not tested")
    tested = subprocess.run([promtool, "test", "rules", "alerts_test.yml"], cwd=ALERTS.parent, capture_output=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def alert_names() -> list[str]:
    return re.findall(r"- alert: (\w+)", ALERTS.read_text())


def test_every_alert_has_a_test_and_a_page_in_the_runbook() -> None:
    tests, runbook = (ALERTS.parent / "alerts_test.yml").read_text(), RUNBOOK.read_text()
    for name in alert_names():
        assert f"alertname: {name}" in tests, name
        assert f"### {name}\n" in runbook, name


@pytest.mark.anyio
async def test_every_figure_is_one_the_server_gives(tmp_path: Path) -> None:
    """R4-168."""
    async with site_in(tmp_path) as site:
        given = await figures(site)
    expressions = re.findall(r"expr: (.+(?:\n {10}.+)*)", ALERTS.read_text())
    expressions += [
        target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]
    ]
    named = {name for expression in expressions for name in FIGURE.findall(expression)}
    assert len(named) > 15
    assert not named - given


async def figures(site: Site) -> set[str]:
    room = await site.room(await site.guest("Host"))
    await site.server.registry.ask(room["id"], Add(1), seat=Seat(1), role=PLAYER)
    async with site.client() as client:
        await client.get("/apps")
    lines = site.server.metrics.text().decode().splitlines()
    return {re.split(r"[{ ]", line)[0] for line in lines if not line.startswith("#")}


def test_the_dashboard_is_one_that_opens() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(places)
    assert {variable["name"] for variable in dashboard["templating"]["list"]} == {"source", "instance"}
