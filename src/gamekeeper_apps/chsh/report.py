"""Figures as people read them, on a terminal and in Markdown, each with its label."""

from collections.abc import Iterator
from typing import Any

from gamekeeper_apps.chsh.labels import LABELS, bias_label

Line = tuple[str, str, str]
"""Name, figure, what it means."""

_NAMES = (
    ("rounds", "scored rounds"),
    ("wins", "wins"),
    ("win_rate", "win rate"),
    ("win_rate_ci95", "95 % interval (Wilson)"),
    ("S", "S"),
    ("S_se", "standard error of S"),
    ("p_local", "p local"),
    ("log10_p_local", "log10 p local"),
    ("p_quantum", "p quantum"),
    ("e_value", "e-value"),
)
_EXTRA = (
    ("S1", "S1", "seat 1 on A/B"),
    ("S2", "S2", "seat 2 on A/B"),
    ("trace", "trace", "mean correlator of the same-letter cells, signed"),
    ("H", "H", "at most 0 for a local pair"),
    ("H_se", "standard error of H", ""),
    ("log10_e_value", "log10 e-value", ""),
    (
        "log10_e_max",
        "log10 of the running maximum of the e-value",
        "voids counted as lost; badges go by it",
    ),
)


def number(value: Any) -> str:
    """A figure at reading precision."""
    if value is None:
        return "-"
    if isinstance(value, list):
        return "[" + ", ".join(number(part) for part in value) + "]"  # pyright: ignore[reportUnknownVariableType]
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def rows(result: dict[str, Any]) -> Iterator[Line]:
    """Everything an analysis found."""
    extra = result["extra"]
    for key, name in _NAMES:
        yield name, number(result[key]), LABELS.get(key, "")
        if key == "win_rate_ci95" and extra.get("win_rate_cp95"):
            yield "95 % interval (Clopper-Pearson)", number(extra["win_rate_cp95"]), ""
    if "p_holm" in result:
        yield "P (Holm)", number(result["p_holm"]), LABELS["p_holm"]
    for key, name, label in _EXTRA:
        if key in extra:
            yield name, number(extra[key]), label
    yield from _voids(extra)
    yield from _cells(result)
    yield from _tests(result)
    yield from _research(extra)


def _voids(extra: dict[str, Any]) -> Iterator[Line]:
    if not extra["void_rounds"]:
        return
    yield "void rounds", number(extra["void_rounds"]), "not scored"
    for key, name in _NAMES:
        if key in extra.get("void_as_loss", {}):
            yield f"{name}, voids counted as lost", number(extra["void_as_loss"][key]), LABELS.get(key, "")
    rates = extra.get("void_rates", {})
    for cell, found in rates.get("cells", {}).items():
        yield f"void rounds in {cell}", f"{found['void']} of {found['asked']}", ""
    if "p" in rates:
        yield "void rates", f"p {number(rates['p'])}", "permutation test: is every cell left unanswered as often?"


def _cells(result: dict[str, Any]) -> Iterator[Line]:
    extra = result["extra"]
    cells: dict[str, dict[str, Any]] = (result["cells"] or {}) | extra.get("other_cells", {})
    for cell, figures in cells.items():
        yield f"E({cell})", f"{number(figures['E'])} ± {number(figures['E_se'])}", f"{figures['n']} rounds"
        yield f"95 % interval of E({cell})", number(extra["cells_ci95"][cell]), "Wilson's of the rate of agreement"
    for one in extra.get("marginals", ()):
        said = f"exact two-sided p {number(one['p'])} against a fair coin"
        yield f"seat {one['position']}, {one['letter']}: answers T", f"{one['true']} of {one['n']}", said


def _tests(result: dict[str, Any]) -> Iterator[Line]:
    uniform, signalling = result["settings_uniform"], result["no_signalling"]
    if uniform:
        figure = f"chi-square {number(uniform['chi2'])}, p {number(uniform['p'])}"
        yield "settings uniform", figure, f"{uniform['dof']} d.o.f."
    if signalling:
        said = LABELS["alarm"] if signalling["alarm"] else "no alarm"
        p = "too few rounds for a p" if result["extra"]["few_rounds"] else f"p {number(signalling['p'])}"
        yield "no-signalling", f"chi-square {number(signalling['chi2'])}, {p}", said


def _research(extra: dict[str, Any]) -> Iterator[Line]:
    found = extra.get("research")
    if found and found["S_gls"] is not None:
        figure = f"{number(found['S_gls'])} ± {number(found['S_gls_se'])}"
        yield "S, adjusted (GLS)", figure, "Gaussian, not proof against memory"
    if found and found["would_certify_bits"] is not None:
        figure = f"{number(found['would_certify_bits'])} bits a round"
        yield "would certify", figure, "min-entropy at this S, of a device in separate places; not of one server"


def marks(extra: dict[str, Any]) -> list[str]:
    """Under which circumstances the figures came about, where that changes what they mean."""
    said = {
        "device": extra.get("device", "off") != "off",
        "balanced": extra["schedule"] == "balanced",
        "seeded": extra.get("question_source") == "seeded",
        "voids": bool(extra["void_rounds"]),
    }
    found = [LABELS[key] for key, holds in said.items() if holds]
    return [*found, bias_label(extra["bias"])] if extra["bias"] else found


def as_text(result: dict[str, Any]) -> str:
    """A table for a terminal, circumstances above and warnings below it."""
    table = list(rows(result))
    widths = [max(len(row[column]) for row in table) for column in (0, 1)]
    lines = [*(f"({mark})" for mark in marks(result["extra"]))]
    lines += [f"{name:<{widths[0]}}  {figure:<{widths[1]}}  {label}".rstrip() for name, figure, label in table]
    lines += ["", *(f"! {warning}" for warning in result["warnings"])] if result["warnings"] else []
    return "\n".join(lines) + "\n"


def as_markdown(result: dict[str, Any], heading: str, level: int = 2) -> str:
    """A section of a report."""
    lines = ["#" * level + f" {plain(heading)}", "", "| figure | value | meaning |", "|---|---|---|"]
    lines += [f"| {name} | {figure} | {label} |" for name, figure, label in rows(result)]
    lines += ["", *(f"- **{plain(warning)}**" for warning in result["warnings"])] if result["warnings"] else []
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Somebody's text in Markdown, without effect."""
    return "".join("\\" + letter if letter in "\\`*_{}[]()#+-.!|<>" else letter for letter in text)
