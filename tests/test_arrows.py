"""Data go one way through the house: each room imports only what the table says, and nothing heavy while it loads."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "studyspec"

#: Values without behaviour that travel between rooms; a room may read another's types without importing the room.
CUBES = "plan.cubes"
CORE = "semantics.core"
CATALOGUE_TYPES = "catalogue.types"
TREE = "language.tree"
RECOVERED = "language.recovered"
GUARD_TYPES = "guard.types"

#: The floor all rooms stand on: text with places, dates, and where shipped files are.  They import nothing.
FLOOR = {"source", "calendar", "resources"}
#: room -> what else it may import directly (docs/architecture.md).  A dotted name allows that module alone.
ARROWS: dict[str, set[str]] = {
    "source": set(),
    "calendar": set(),
    "resources": set(),
    "language": FLOOR,
    "catalogue": FLOOR | {"language"},
    "semantics": FLOOR | {"catalogue", TREE, RECOVERED},
    "plan": FLOOR | {"semantics", CATALOGUE_TYPES},
    "sql": FLOOR | {"plan", "catalogue", CORE},
    "engine": FLOOR | {"sql", "catalogue", CUBES, CORE},
    "guard": FLOOR | {CUBES, CORE, CATALOGUE_TYPES},
    "estimate": FLOOR | {GUARD_TYPES, CUBES, CORE},
    "figures": FLOOR | {"estimate"},
    "release": FLOOR | {"estimate", "figures", GUARD_TYPES, CUBES, CORE, CATALOGUE_TYPES},
    "synth": FLOOR | {"catalogue", TREE},
    "arbiter": FLOOR | {"semantics", CUBES, CATALOGUE_TYPES},
    "draft": FLOOR | {"catalogue.reader", "language.lexer"},
    "review": FLOOR | {"semantics", CATALOGUE_TYPES, "guard.threshold"},
    "faults": {"source"},
}
#: Thin faces and the one way through: they may import everything.
FACES = {"cli", "api", "pipeline", "__init__", "__main__"}

#: Loaded inside the functions that need them, or `studyspec --help` would pay for all of them.
HEAVY = {
    "duckdb", "lark", "yaml", "jinja2", "jsonschema", "interegular", "pandas", "pyarrow", "numpy", "scipy",
    "asyncio", "importlib.metadata",
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "_data" not in p.parts)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST, loading_only: bool = False) -> Iterator[tuple[str, int]]:
    """Every module imported, with its line; loading_only leaves out functions and what stands under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if loading_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if loading_only and isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they can be read and searched"
            base = node.module or ""
            yield base, node.lineno
            if base == "studyspec" or base.startswith("studyspec."):
                yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
        yield from imports(node, loading_only)


def allowed(target: str, rights: set[str]) -> bool:
    """`target` is a dotted name inside the package: a module, or a module and a name in it."""
    return any(target == right or target.startswith(right + ".") or right.startswith(target + ".") for right in rights)


def test_every_room_has_its_arrows() -> None:
    assert {room(path) for path in modules()} <= set(ARROWS) | FACES


@pytest.mark.parametrize("name", sorted(ARROWS))
def test_a_room_imports_only_what_the_table_says(name: str) -> None:
    wrong = []
    for path in (p for p in modules() if room(p) == name):
        for target, line in imports(ast.parse(path.read_text(encoding="utf-8"))):
            inside = target.removeprefix("studyspec").removeprefix(".")
            if not target.startswith("studyspec") or inside in ("", "__version__") or inside.split(".")[0] == name:
                continue
            if not allowed(inside, ARROWS[name]):
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} imports {inside}")
    assert not wrong


def test_nothing_heavy_is_imported_while_the_package_loads() -> None:
    wrong = []
    for path in modules():
        for target, line in imports(ast.parse(path.read_text(encoding="utf-8")), loading_only=True):
            if any(target == heavy or target.startswith(heavy + ".") for heavy in HEAVY):
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} imports {target}")
    assert not wrong


def test_only_the_faces_print() -> None:
    """Text for people comes from the faces; a room that prints could print a count."""
    wrong = []
    for path in (p for p in modules() if room(p) not in FACES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong


def test_no_module_is_long() -> None:
    long = {str(p.relative_to(PACKAGE)): n for p in modules() if (n := p.read_text("utf-8").count("\n")) > 500}
    assert not long
