"""The files of the container stack, as far as they can be checked without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gamekeeper.server.settings import Settings, variable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IMAGE = (DEPLOY / "Containerfile").read_text()
OURS = [name for name, service in SERVICES.items() if service.get("image") == "gamekeeper"]


def test_the_image_runs_as_nobody_in_particular() -> None:
    """R0-58: no root at run time, a pinned base, nothing of the build in what ships."""
    last = IMAGE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d{4,}:\d{4,}$", last, re.MULTILINE)
    assert "apt-get" not in last and "pip install" not in last
    assert re.search(r"^ARG PYTHON_IMAGE=python:\d+\.\d+\.\d+-slim-\w+$", IMAGE, re.MULTILINE)
    assert "--constraint requirements.lock" in IMAGE, "what is installed is what was tested"


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_next_to_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service, "only the proxy is reached from outside"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image == "gamekeeper" or re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", image), image


@pytest.mark.parametrize("name", OURS)
def test_settings_are_settings_and_secrets_come_from_outside(name: str) -> None:
    known = {variable(field) for field in Settings.model_fields}
    for key, value in SERVICES[name]["environment"].items():
        assert key in known, key
        if "PASSWORD" in value or "SECRET" in key:
            assert "${" in value


def test_every_variable_stands_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yml").read_text()))
    given = dict(line.split("=", 1) for line in (DEPLOY / "env.example").read_text().splitlines() if line[:1] != "#")
    assert asked == set(given)
    assert not any(value for key, value in given.items() if key != "PUBLIC_URL"), "no default passwords"


def test_whatever_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_who_needs_whom_waits_for_it() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            health = how["condition"] == "service_healthy"
            assert not health or "healthcheck" in SERVICES[needed] or needed in OURS, (name, needed)
    assert SERVICES["node"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
