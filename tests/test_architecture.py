"""Who may import whom, for every folder with Python in it; what the pure core may not touch; how long things may get."""
from __future__ import annotations

import ast
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent
ANYTHING = None

# Root folder -> what its Python may import beside the standard library. A new folder must be entered here.
MAY_IMPORT = {
    "idcard": {"idcard", "yaml"},
    "actions": {"actions", "idcard", "rasa_sdk"},  # never rasa
    "assistant": {"assistant", "idcard", "rasa", "rasa_sdk", "jsonschema", "sqlalchemy", "redis", "sanic", "sanic_cors", "numpy", "scipy",
                  "sklearn", "pypinyin", "yaml", "aiohttp", "cryptography", "defusedxml", "prometheus_client"},
    "console": {"console", "idcard", "axes", "csp", "django", "django_otp", "gunicorn", "yaml"},  # never rasa
    "bench": {"bench", "tests", "idcard", "assistant", "console", "django", "django_otp", "psycopg2", "redis", "rasa", "ruamel", "yaml", "matplotlib", "numpy", "scipy",
              "sklearn", "pycrfsuite", "pypinyin", "joblib"},
    "scripts": {"scripts", "opencc", "playwright"},
    "tests": ANYTHING,
}

# The modules of the core, lowest first: a module imports only from layers below its own. A new module must be entered.
LAYERS = (
    {"variants", "yaml_lines", "facts", "phrasing", "sources"},  # leaves: nothing of the core
    {"text", "answers", "refusal"},
    {"places", "policy", "private_forms"},
    {"private_numbers", "private_words"},
    {"privacy"},
    {"stations", "table_checks", "read_texts", "masked_logs"},
    {"reading"},
    {"read_places", "read_policy", "papers", "asked"},
    {"read_answers"},
    {"knowledge"},
    {"consult", "statements"},
    {"replies"},
    {"__main__"},
)
OPENS_FILES = {"knowledge"}  # the only module of the core that does
TELLS_THE_DAY = {"__main__"}  # the core is told the day; only its command line looks at the clock, or at IDCARD_AS_OF
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob"}
CLOCK_CALLS = {"today", "now", "utcnow", "time"}
OUTSIDE_WORLD = {"socket", "urllib", "http", "ssl", "asyncio", "sqlite3", "subprocess", "tempfile", "random", "locale"}

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 40
LONG_DATA = {"idcard/variants.py"}


@lru_cache(maxsize=None)
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every Python file of the project, relative to the root, with its tree."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    files = [*ROOT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    own = sorted(path.relative_to(ROOT) for path in files if "node_modules" not in path.parts)
    return tuple((path, ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))) for path in own)


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def calls(tree: ast.AST) -> Iterator[str]:
    """Last names of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def core() -> dict[str, ast.Module]:
    return {path.stem: tree for path, tree in modules() if path.parts[0] == "idcard" and path.stem != "__init__"}


def test_every_root_folder_with_python_has_its_rule() -> None:
    found = {path.parts[0] for path, _ in modules()}
    assert found <= MAY_IMPORT.keys(), f"say in MAY_IMPORT what {sorted(found - MAY_IMPORT.keys())} may import"


@pytest.mark.parametrize("folder", sorted(name for name, allowed in MAY_IMPORT.items() if allowed is not ANYTHING))
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    wrong = [f"{path}: {name}" for path, tree in modules() if path.parts[0] == folder for name in imports(tree)
             if name.split(".")[0] not in sys.stdlib_module_names | MAY_IMPORT[folder]]
    assert not wrong, "\n".join(wrong)


def test_every_module_of_the_core_has_its_layer() -> None:
    placed = [name for layer in LAYERS for name in layer]
    assert len(placed) == len(set(placed))
    assert core().keys() <= set(placed), f"say in LAYERS where {sorted(core().keys() - set(placed))} belong"


def test_a_module_of_the_core_imports_only_from_layers_below() -> None:
    height = {name: level for level, layer in enumerate(LAYERS) for name in layer}
    for name, tree in core().items():
        used = {part for part in (full.split(".")[1] for full in imports(tree) if full.startswith("idcard.")) if part in height}
        wrong = sorted(other for other in used if height[other] >= height[name])
        assert not wrong, f"idcard.{name} imports {wrong}, which are not below it"


def test_only_the_knowledge_module_opens_files() -> None:
    for name, tree in core().items():
        if name not in OPENS_FILES:
            assert not FILE_CALLS & set(calls(tree)), f"idcard.{name} opens files"


def test_the_core_knows_neither_clock_nor_environment_nor_network() -> None:
    for name, tree in core().items():
        if name not in TELLS_THE_DAY:
            assert not CLOCK_CALLS & set(calls(tree)), f"idcard.{name} looks at the clock"
        touched = {full.split(".")[0] for full in imports(tree)} & OUTSIDE_WORLD
        assert not touched, f"idcard.{name} imports {sorted(touched)}"
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert name in TELLS_THE_DAY or not names & {"environ", "getenv", "environb"}, f"idcard.{name} reads the environment"


def test_the_command_line_starts_without_rasa_and_without_arrays() -> None:
    heavy = ("rasa", "rasa_sdk", "tensorflow", "numpy", "sklearn", "django")
    code = f"import sys, idcard.__main__; print([name for name in {heavy!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_no_file_is_long() -> None:
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path, _ in modules()}
    long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES and path not in LONG_DATA}
    assert not long, f"over {MOST_LINES} lines: {long}"


def test_no_function_is_long() -> None:
    functions = [(f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
                 for path, tree in modules() for node in ast.walk(tree)
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = {name: lines for name, lines in functions if lines > MOST_LINES_OF_A_FUNCTION}
    assert not long, f"over {MOST_LINES_OF_A_FUNCTION} lines: {long}"
