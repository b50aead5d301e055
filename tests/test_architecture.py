"""The floors: each package imports those below it only; Qt and slow libraries where allowed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gtview

ROOT = Path(gtview.__file__).parent
RANK = {
    "base": 0,
    "kernels": 1,
    "data": 1,
    "generation": 2,
    "analysis": 2,
    "scoring": 2,
    "curation": 2,
    "session": 3,
    "jobs": 3,
    "qt": 4,
    "study": 4,
    "views": 5,
    "app": 6,
    "cli": 7,
}
# Stricter than the floor: what knows no spike cannot import what does.
ONLY = {"qt": {"base", "jobs"}}
# Kernels that know pixels and points, but no spike.
PIXEL_KERNELS = ("density", "overlay", "polygons", "tones")
ALSO = {"qt": tuple(f"gtview.kernels.{name}" for name in PIXEL_KERNELS)}
QT_PACKAGES = {"qt", "views", "app"}
QT_MODULES = {"PyQt6", "PyQt6Ads", "pyqtgraph", "superqt", "qtpy"}
SLOW_MODULES = {
    "spikeinterface",
    "probeinterface",
    "scipy",
    "pandas",
    "matplotlib",
    "pyarrow",
    "distributed",
}


def is_type_checking(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def runtime_imports(path, *, module_level_only=False):
    """Yield (line, absolute dotted name) of each import that runs."""
    parts = ("gtview", *path.relative_to(ROOT).with_suffix("").parts)
    nodes = [ast.parse(path.read_text(encoding="utf8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(parts[: -node.level]) if node.level else []
            name = ".".join(base + ([node.module] if node.module else []))
            yield node.lineno, name
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)
        elif not (module_level_only and isinstance(node, ast.FunctionDef)):
            nodes.extend(c for c in ast.iter_child_nodes(node) if not is_type_checking(c))


FILES = sorted(p for p in ROOT.rglob("*.py") if len(p.relative_to(ROOT).parts) > 1)


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_that_a_module_imports_downwards_only(path):
    package = path.relative_to(ROOT).parts[0]
    for line, name in runtime_imports(path):
        parts = name.split(".")
        where = f"{path}:{line} imports {name}"
        assert package in QT_PACKAGES or parts[0] not in QT_MODULES, where
        if parts[0] == "gtview" and len(parts) > 1 and parts[1] in RANK and parts[1] != package:
            assert RANK[parts[1]] < RANK[package], where
            is_allowed = name.startswith(ALSO.get(package, ()))
            assert is_allowed or parts[1] in ONLY.get(package, RANK), where


@pytest.mark.parametrize("path", FILES, ids=named)
def test_that_slow_libraries_are_imported_inside_functions(path):
    for line, name in runtime_imports(path, module_level_only=True):
        assert name.split(".")[0] not in SLOW_MODULES, f"{path}:{line} imports {name}"


def view_modules():
    """The modules that define a view: those of the registry."""
    from gtview.views import VIEWS

    return {entry.partition(":")[0] for entry in VIEWS.values()}


@pytest.mark.parametrize("path", sorted((ROOT / "views").glob("*.py")), ids=named)
def test_that_no_view_imports_another(path):
    others = {f"gtview.views.{name}" for name in view_modules()} - {f"gtview.views.{path.stem}"}
    for line, name in runtime_imports(path):
        assert name not in others, f"{path}:{line} imports {name}"


def test_that_each_package_has_a_rank():
    packages = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert packages <= RANK.keys()


@pytest.mark.parametrize(
    "code", ["import gtview", "from gtview.cli import main; main(['--help'])"]
)
def test_that_importing_and_helping_load_nothing_heavy(code):
    script = f"""
import sys
try:
    {code}
except SystemExit:
    pass
heavy = {{"PyQt6", "numba", "numpy", "spikeinterface"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_that_the_window_is_there_before_anything_heavy_is_loaded():
    # Compiled kernels, statistics and models of recipes come when something needs them.
    script = """
import sys
import gtview.app.main_window
heavy = {"numba", "scipy", "sklearn", "spikeinterface", "probeinterface", "pandas", "pydantic"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_that_helping_loads_little():
    # What takes time is loading modules; their number does not depend on the machine.
    script = """
import sys
try:
    from gtview.cli import main; main(['--help'])
except SystemExit:
    pass
print(len(sys.modules), file=sys.stderr)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stderr) < 350


def test_that_nothing_else_is_visible_at_the_top():
    top = ROOT.parent
    if not (top / "pyproject.toml").exists():
        pytest.skip("not a checkout")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=top, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    visible = {name.split("/")[0] for name in tracked if name and not name.startswith(".")}
    allowed = {"pyproject.toml", "README.md", "LICENSE", "Makefile"}
    assert visible <= allowed | {"gtview", "resources", "tests", "docs"}
