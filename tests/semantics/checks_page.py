"""docs/semantics/checks.md, made from the codes of the semantics and the first sentence of each one's page."""

from __future__ import annotations

import ast
from pathlib import Path

from studyspec.semantics import checks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/semantics/checks.md"
HEAD = """# Everything that is checked before a study runs

Each rule has one code, and each code has its page. An *error* refuses the study; a *warning* is told, and passes. Where
the last column says so, `allow CODE because "…"` on the element sets the finding aside, and the reviewer reads why.
"""
#: Title, modules of faults, and what is common to their rules.
GROUPS = (
    (
        "Names, values and rows",
        ("faults", "termfaults", "codefaults"),
        "What a study says has to mean something: every name is bound, every value typed, every row and day there to be"
        " asked about.",
    ),
    (
        "Elements and how they fit together",
        ("elementfaults",),
        "Each element by itself is sound, and together they say no one thing.",
    ),
    (
        "Conditions among themselves",
        ("logicfaults",),
        "Found by reckoning with what the model declares of each value: its range, its codes, if it can be unknown."
        " Only what is certain is told: a study that passes can still have a condition that nobody happens to meet.",
    ),
    (
        "Design: what is known when",
        ("designfaults", "timingfaults"),
        "Index, exposure, follow-up and outcome in their order; see [facts](facts.md) for how one time is shown to come"
        " before another.",
    ),
    (
        "Design: what the registers held",
        ("seriesfaults",),
        "The model tells what every series went through; the window of each selection, met with the range of the index"
        " and with the coverage, tells which of it is read. Where the days are not known, nothing is said.",
    ),
    ("Design: what results are made from", ("lineagefaults",), "By the origin of what is shown."),
    (
        "Permits and privacy",
        ("permitfaults",),
        "Checked at a site, but for what identifies people. None of these can be set aside.",
    ),
    ("What a study says of itself", ("wordingfaults",), "For those who read it."),
)


def codes(module: str) -> dict[str, str]:
    """code -> `error` or `warning`, of one module of faults, built directly or by a function that takes the code."""
    found: dict[str, str] = {}
    text = (ROOT / f"studyspec/semantics/{module}.py").read_text(encoding="utf-8")
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Diagnostic":
            continue
        if call.args and isinstance(call.args[0], ast.Constant):
            warning = any(k.arg == "severity" and "WARNING" in ast.dump(k.value) for k in call.keywords)
            found.setdefault(str(call.args[0].value), "warning" if warning else "error")
    return found


def modules() -> set[str]:
    return {path.stem for path in (ROOT / "studyspec/semantics").glob("*faults.py")}


def page() -> str:
    parts, seen = [HEAD], set[str]()
    for title, names, text in GROUPS:
        of_group = {code: weight for name in names for code, weight in codes(name).items() if code not in seen}
        seen |= set(of_group)
        lines = [f"## {title}", "", text, ""]
        lines += ["| rule that was broken | code | weight | can be allowed |", "|---|---|---|---|"]
        for code, weight in sorted(of_group.items()):
            told = (ROOT / f"docs/errors/{code}.md").read_text(encoding="utf-8").split("\n\n")[1]
            rule = told.replace("\n", " ").rstrip(".").replace("|", "\\|")
            allowed = "yes" if code in checks.ALLOWABLE else "no"
            lines.append(f"| {rule} | [{code}](../errors/{code}.md) | {weight} | {allowed} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
