"""The set-up script does each step once, again when its sources changed, and says what is missing."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.tidy.tree import ROOT


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, working on an empty checkout, with its calls of npm and pip written down instead of made."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts/setup.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    web, clients = tmp_path / "web", tmp_path / "clients"
    for folder in (web, clients):
        folder.mkdir()
        for name in ("package.json", "package-lock.json", "page.svelte"):
            (folder / name).write_text(name)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text(name)
    folders = {
        "ROOT": tmp_path,
        "WEB": web,
        "CLIENTS": clients,
        "PAGES": tmp_path / "pages",
        "VENV": tmp_path / ".venv",
    }
    for name, value in folders.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv/python")
    monkeypatch.setattr(module, "PAGE_SOURCES", (web,))
    monkeypatch.setattr(module, "calls", [], raising=False)
    monkeypatch.setattr(module, "npm", lambda *words, cwd=web: fake_npm(module, *words, cwd=cwd))
    monkeypatch.setattr(module, "pip", lambda *words: module.calls.append("pip"))
    monkeypatch.setattr(module, "make_environment", lambda: fake_environment(module))
    return module


def fake_npm(module: ModuleType, *words: str, cwd: Path) -> None:
    module.calls.append(" ".join(words[:2]))
    folder = cwd / "node_modules" if words[0] == "ci" else module.PAGES
    folder.mkdir(exist_ok=True)


def fake_environment(module: ModuleType) -> None:
    module.VENV.mkdir(exist_ok=True)
    module.PYTHON.touch()


def test_pages_are_built_once(script: ModuleType) -> None:
    script.pages()
    assert script.calls == ["ci --no-audit", "run build"]
    script.pages()
    assert len(script.calls) == 2


def test_the_clients_of_the_tests_are_installed_once(script: ModuleType) -> None:
    script.clients()
    script.clients()
    assert script.calls == ["ci --no-audit"]
    (script.CLIENTS / "package-lock.json").write_text("changed")
    script.clients()
    assert len(script.calls) == 2


def test_a_changed_page_is_built_again_without_installing_again(script: ModuleType) -> None:
    script.pages()
    (script.WEB / "page.svelte").write_text("changed")
    script.pages()
    assert script.calls == ["ci --no-audit", "run build", "run build"]


def test_installed_packages_are_no_sources(script: ModuleType) -> None:
    script.pages()
    (script.WEB / "node_modules/library.js").write_text("x")
    script.pages()
    assert len(script.calls) == 2


def test_lost_pages_are_built_again(script: ModuleType) -> None:
    script.pages()
    (script.PAGES / "built-from.sha256").unlink()
    script.pages()
    assert script.calls[-1] == "run build" and len(script.calls) == 3


def test_the_environment_is_made_once(script: ModuleType) -> None:
    script.runtime()
    script.runtime()
    assert script.calls == ["pip"]


def test_a_changed_project_is_installed_again(script: ModuleType) -> None:
    script.runtime()
    (script.ROOT / "pyproject.toml").write_text("one dependency more")
    script.runtime()
    assert script.calls == ["pip", "pip"]


def test_development_tools_include_the_runtime(script: ModuleType) -> None:
    script.development()
    script.runtime()
    assert script.calls == ["pip"]
    script.development()
    assert script.calls == ["pip"]


@pytest.mark.parametrize(
    ("version", "suits"),
    [
        ("v20.19.0", True),
        ("v20.18.3", False),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v24.1.0", True),
        ("odd", False),
    ],
)
def test_a_node_that_vite_does_not_support_is_passed_over(
    script: ModuleType, tmp_path: Path, version: str, suits: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    assert script.builds_pages(str(node)) is suits


def without_programs(script: ModuleType, monkeypatch: pytest.MonkeyPatch, folder: Path, *, ci: str) -> None:
    monkeypatch.setattr(script, "BIN", folder)
    monkeypatch.setattr(script.shutil, "which", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("CI", ci)


@pytest.mark.parametrize(("step", "said"), [("browser", "NO BROWSER"), ("promtool", "NO PROMTOOL")])
def test_a_missing_program_is_said_aloud(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    step: str,
    said: str,
) -> None:
    without_programs(script, monkeypatch, tmp_path, ci="")
    assert script.main([step]) == 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("step", ["browser", "promtool"])
def test_a_missing_program_fails_where_it_is_promised(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    without_programs(script, monkeypatch, tmp_path, ci="true")
    assert script.main([step]) == 1


def test_an_unknown_step_is_refused(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["everything"]) == 2
    assert script.main([]) == 2
    assert "runtime, development" in capsys.readouterr().err


def test_an_old_python_is_told_what_is_needed(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(script.shutil, "which", lambda name: None)
    assert script.main(["runtime"]) == 1
    assert "needs Python 3.11 or newer, but this is 3.9" in capsys.readouterr().err


def test_an_old_python_hands_over_to_a_newer_one(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(script.shutil, "which", lambda name: "python3.12" if name == "python3.12" else None)
    monkeypatch.setattr(os, "execv", lambda program, words: started.append([program, *words[2:]]) or 0)
    script.main(["runtime", "pages"])
    assert started[0] == ["python3.12", "runtime", "pages"]
