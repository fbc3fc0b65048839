"""The rules of imports and of the contents of modules, checked on the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
SOURCES = sorted(SOURCE.rglob("*.py"))
SERVER = [path for path in SOURCES if path.is_relative_to(SOURCE / "misarmail_server")]
TOOLKIT = [path for path in SOURCES if path.is_relative_to(SOURCE / "contract")]
MIGRATIONS = SOURCE / "misarmail_server" / "migrations" / "versions"

# A module imports from its own room and from the rooms of lines above it, never from a line below or from another room of its line.
LAYERS = {
    "misarmail_server": (
        {"errors", "logs", "rows", "document"},
        {"setting_types"},
        {"settings"},
        {"vault"},
        {"db"},
        {"migrations", "context", "external"},
        {"events"},
        {"received"},
        {"delivery"},
        {"services"},
        {"handlers", "web", "platform", "mail_server"},
        {"app"},
        {"operate"},
    ),
    "contract": (
        {"errors", "names", "command_options", "terminal"},
        {"openapi"},
        {"compilable"},
        {"project", "runtime", "streams"},
        {"example_values", "handlers", "traffic"},
        {"generate", "diff", "lint", "testing"},
        {"sdk"},
        {"docs"},
        {"mocking"},
        {"dev"},
        {"commands"},
        {"cli"},
    ),
}
# The rooms of delivery/, in the same order; the rooms above them are shared.
DELIVERY = ({"tokens", "ttl_cache", "envelope"}, {"message"}, {"outcomes"}, {"queue", "smtp"}, {"worker"})
# Where the time, randomness that makes ids, and the environment are read; nobody else may.
CLOCKS = {"context.py"}
ENVIRONMENTS = {"settings.py"}
CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "uuid.uuid4", "uuid4"}
ENVIRONMENT_CALLS = {"os.environ", "os.getenv", "os.putenv"}
MAX_FUNCTION_LINES, MAX_FILE_LINES, MAX_FOLDER_FILES = 50, 400, 20
# One file a resource, a migration or a case: these folders grow with the product.
UNBOUNDED_FOLDERS = {"services", "rows", "handlers", "versions"}
MAX_SERVER_ENTRIES, MAX_DELIVERY_ENTRIES = 22, 8


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


def imports(source: str) -> Iterator[str]:
    """The imports of a module, as dotted names; `from a import b` may mean the module `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def forbidden(source: str, *prefixes: str) -> list[str]:
    return [each for each in imports(source) if any(f"{each}.".startswith(f"{prefix}.") for prefix in prefixes)]


def spoken(source: str) -> set[str]:
    """Every dotted name that a source mentions: `a.b.c` gives `a.b.c`, `b.c` and `c`."""
    result: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute | ast.Name):
            words = ast.unparse(node).split(".")
            result |= {".".join(words[first:]) for first in range(len(words))}
    return result


def numbers(source: str) -> set[int]:
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and type(node.value) is int}


def too_long(source: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [function.name for function in functions if (function.end_lineno or 0) - function.lineno >= MAX_FUNCTION_LINES]


def layer(layers: Sequence[set[str]], room: str) -> int:
    """The line of a room."""
    lines = [number for number, rooms in enumerate(layers) if room in rooms]
    assert lines, f"{room} has no layer: give it one in {name(Path(__file__))}"
    return lines[0]


def forbidden_arrows(path: Path, layers: Sequence[set[str]], package: str) -> list[str]:
    """The imports of a module of `package` that lead to another room on the same line or a later one."""
    room = dotted(path).removeprefix(f"{package}.").split(".")[0]
    targets = [imported for imported in forbidden(path.read_text(), package) if imported.count(".") > package.count(".")]
    rooms = [(imported, imported.removeprefix(f"{package}.").split(".")[0]) for imported in targets]
    return [imported for imported, other in rooms if other != room and layer(layers, other) >= layer(layers, room)]


def import_graph(paths: Sequence[Path]) -> dict[str, set[str]]:
    """Which module imports which, by dotted names; names that are not modules of `paths` are left out."""
    modules = {dotted(path) for path in paths}
    graph: dict[str, set[str]] = {}
    for path in paths:
        result = imports(path.read_text())
        graph[dotted(path)] = {module for each in result for module in (each, each.rpartition(".")[0]) if module in modules}
    return graph


def circles(graph: dict[str, set[str]]) -> list[str]:
    """The modules that reach themselves."""
    return [module for module in graph if module in reached(graph, module)]


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += graph.get(module, ())
    return seen


def in_rooms(paths: Sequence[Path]) -> list[Path]:
    return [path for path in paths if path.name != "__init__.py"]


@pytest.mark.parametrize("path", in_rooms(SERVER + TOOLKIT), ids=name)
def test_module_imports_only_from_its_own_room_and_the_layers_below(path: Any) -> None:
    package = dotted(path).split(".")[0]

    assert forbidden_arrows(path, LAYERS[package], package) == []


@pytest.mark.parametrize("path", [path for path in in_rooms(SERVER) if "delivery" in path.parts], ids=name)
def test_rooms_of_delivery_keep_their_order(path: Any) -> None:
    assert forbidden_arrows(path, DELIVERY, "misarmail_server.delivery") == []


@pytest.mark.parametrize("package", ["misarmail_server", "contract"])
def test_no_import_circle(package: str) -> None:
    assert circles(import_graph([path for path in SOURCES if path.is_relative_to(SOURCE / package)])) == []


def test_folders_stay_small() -> None:
    folders = {path.parent for path in SOURCES}
    counts = {name(folder): len(in_rooms(sorted(folder.glob("*.py")))) for folder in folders if folder.name not in UNBOUNDED_FOLDERS}

    assert {folder: count for folder, count in counts.items() if count > MAX_FOLDER_FILES} == {}


@pytest.mark.parametrize(("folder", "most"), [(".", MAX_SERVER_ENTRIES), ("delivery", MAX_DELIVERY_ENTRIES)])
def test_entrance_of_the_server_stays_small(folder: str, most: Any) -> None:
    room = SOURCE / "misarmail_server" / folder
    entries = {path.relative_to(room).parts[0] for path in in_rooms(SERVER) if path.is_relative_to(room)}

    assert len(entries) <= most


def test_smtp_process_loads_neither_flask_nor_handlers() -> None:
    script = "import sys, misarmail_server.mail_server.process; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {"flask", "misarmail_server.handlers", "misarmail_contract.handlers"} & set(loaded) == set()


@pytest.mark.parametrize("path", TOOLKIT, ids=name)
def test_toolkit_knows_nothing_of_the_server(path: Any) -> None:
    assert forbidden(path.read_text(), "misarmail_server", "misarmail_contract") == []


def test_only_the_generated_package_imports_handlers() -> None:
    result = [name(path) for path in SERVER if "handlers" not in path.parts and forbidden(path.read_text(), "misarmail_server.handlers")]

    assert result == []
    assert forbidden((ROOT / "generated" / "misarmail_contract" / "handlers.py").read_text(), "misarmail_server.handlers")


@pytest.mark.parametrize("path", [path for path in SERVER if "handlers" in path.parts], ids=name)
def test_handler_holds_no_sql_and_no_status(path: Any) -> None:
    source = path.read_text()

    below = ("db", "delivery", "external", "events", "received")
    assert forbidden(source, "sqlalchemy", "flask", "werkzeug", *(f"misarmail_server.{each}" for each in below)) == []
    assert [number for number in numbers(source) if 100 <= number < 600] == []


@pytest.mark.parametrize("path", [path for path in SERVER if {"services", "delivery", "events", "received"} & set(path.parts)], ids=name)
def test_rules_and_mail_know_nothing_of_http(path: Any) -> None:
    assert forbidden(path.read_text(), "flask", "werkzeug", "granian", "contract", "misarmail_contract.handlers", "http") == []


@pytest.mark.parametrize(
    "path", [path for path in SERVER if path.name != "app.py" and not {"web", "http", "mail_server"} & set(path.parts)], ids=name
)
def test_only_the_application_answers(path: Any) -> None:
    assert {"jsonify", "abort", "make_response"} & spoken(path.read_text()) == set()


@pytest.mark.parametrize("path", SERVER, ids=name)
def test_time_ids_and_settings_have_one_source(path: Any) -> None:
    words = spoken(path.read_text())

    assert path.name in CLOCKS or CLOCK_CALLS & words == set()
    assert path.name in ENVIRONMENTS or ENVIRONMENT_CALLS & words == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=name)
def test_package_file_is_empty(path: Any) -> None:
    assert path.read_text() == ""


@pytest.mark.parametrize("path", [path for path in SOURCES if not path.is_relative_to(MIGRATIONS)], ids=name)
def test_source_is_short(path: Any) -> None:
    source = path.read_text()

    assert too_long(source) == []
    assert source.count("\n") <= MAX_FILE_LINES


def test_these_rules_see_what_they_forbid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    service = tmp_path / "src" / "misarmail_server" / "services" / "invoices.py"
    service.parent.mkdir(parents=True)
    service.write_text("from misarmail_server import app, errors\nimport misarmail_server.handlers.invoices\n")

    above = ["misarmail_server.app", "misarmail_server.handlers.invoices"]
    assert forbidden_arrows(service, LAYERS["misarmail_server"], "misarmail_server") == above
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == ["a", "b"]
    assert forbidden("def f():\n    from sqlalchemy.orm import Session", "sqlalchemy") == ["sqlalchemy.orm.Session"]
    assert forbidden("import contractors", "contract") == []
    assert spoken("import datetime as d\nx = datetime.datetime.now()\ny = os.environ['A']") >= {"datetime.now", "os.environ"}
    assert numbers("def f():\n    return body, 404") == {404}
    assert too_long("def f():\n" + "    x = 1\n" * 50) == ["f"]
