"""Who may import whom, and what may stand where, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
SERVER = [path for path in SOURCES if path.is_relative_to(ROOT / "src" / "misarmail_server")]
TOOLKIT = [path for path in SOURCES if path.is_relative_to(ROOT / "src" / "contract")]
LISTS_OF_CHANGES = ROOT / "src" / "misarmail_server" / "migrations" / "versions"

# Every module of the server belongs to one layer and imports only from its own and those above it here.
LAYERS = (
    {
        "settings",
        "setting_types",
        "errors",
        "logs",
        "rows",
        "tables",
        "vault",
        "dialects",
        "relays",
        "shaping",
        "prepared",
        "writers",
        "store",
        "context",
        "migrations",
        "migrate",
    },
    {"delivery", "outside"},
    {"services"},
    {"handlers"},
    {"platform", "web", "app", "mail_server"},
    {"serve", "commands", "cli", "progress", "supervisor", "delivery_commands", "work", "doctor"},
)
# Where the time, randomness that makes ids, and the environment are read; nobody else may.
CLOCKS = {"context.py"}
ENVIRONMENTS = {"settings.py"}
CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "uuid.uuid4", "uuid4"}
ENVIRONMENT_CALLS = {"os.environ", "os.getenv", "os.putenv"}
LONGEST_FUNCTION, LONGEST_FILE = 50, 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(source: str) -> Iterator[str]:
    """What a module imports, as dotted names; `from a import b` may mean the module `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


def forbidden(source: str, *prefixes: str) -> list[str]:
    return [one for one in imports(source) if any(f"{one}.".startswith(f"{prefix}.") for prefix in prefixes)]


def spoken(source: str) -> set[str]:
    """Every dotted name that a source mentions: `a.b.c` gives `a.b.c`, `b.c` and `c`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute | ast.Name):
            words = ast.unparse(node).split(".")
            found |= {".".join(words[first:]) for first in range(len(words))}
    return found


def numbers(source: str) -> set[int]:
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and type(node.value) is int}


def too_long(source: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= LONGEST_FUNCTION]


def layer(module: str) -> int:
    """The layer of a module of the server, such as `misarmail_server.services.send`."""
    part = module.split(".")[1]
    found = [number for number, parts in enumerate(LAYERS) if part in parts]
    assert found, f"{module} belongs to no layer: give it one in {name(Path(__file__))}"
    return found[0]


def upward(path: Path) -> list[str]:
    """What a module of the server imports from a layer that is not its to know."""
    own = layer(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    return [one for one in forbidden(path.read_text(), "misarmail_server") if one.count(".") and layer(one) > own]


@pytest.mark.parametrize("path", [path for path in SERVER if path.name != "__init__.py"], ids=name)
def test_server_module_imports_only_from_its_own_and_lower_layers(path):
    assert upward(path) == []


@pytest.mark.parametrize("path", TOOLKIT, ids=name)
def test_toolkit_knows_nothing_of_the_server(path):
    assert forbidden(path.read_text(), "misarmail_server", "misarmail_contract") == []


def test_only_the_generated_package_imports_handlers():
    found = [name(path) for path in SERVER if "handlers" not in path.parts and forbidden(path.read_text(), "misarmail_server.handlers")]

    assert found == []
    assert forbidden((ROOT / "generated" / "misarmail_contract" / "handlers.py").read_text(), "misarmail_server.handlers")


@pytest.mark.parametrize("path", [path for path in SERVER if "handlers" in path.parts], ids=name)
def test_handler_holds_no_sql_and_no_status(path):
    source = path.read_text()

    below = ("tables", "store", "prepared", "writers", "delivery", "outside")
    assert forbidden(source, "sqlalchemy", "flask", "werkzeug", *(f"misarmail_server.{one}" for one in below)) == []
    assert [number for number in numbers(source) if 100 <= number < 600] == []


@pytest.mark.parametrize("path", [path for path in SERVER if {"services", "delivery"} & set(path.parts)], ids=name)
def test_rules_and_mail_know_nothing_of_http(path):
    assert forbidden(path.read_text(), "flask", "werkzeug", "granian", "contract", "misarmail_contract.handlers", "http") == []


@pytest.mark.parametrize("path", [path for path in SERVER if path.name != "app.py" and "web" not in path.parts], ids=name)
def test_only_the_application_answers(path):
    assert {"jsonify", "abort", "make_response"} & spoken(path.read_text()) == set()


@pytest.mark.parametrize("path", SERVER, ids=name)
def test_time_ids_and_settings_have_one_source(path):
    words = spoken(path.read_text())

    assert path.name in CLOCKS or CLOCK_CALLS & words == set()
    assert path.name in ENVIRONMENTS or ENVIRONMENT_CALLS & words == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=name)
def test_package_file_is_empty(path):
    assert path.read_text() == ""


@pytest.mark.parametrize("path", [path for path in SOURCES if not path.is_relative_to(LISTS_OF_CHANGES)], ids=name)
def test_source_is_short(path):
    source = path.read_text()

    assert too_long(source) == []
    assert source.count("\n") <= LONGEST_FILE


def test_these_rules_see_what_they_forbid(monkeypatch, tmp_path):
    monkeypatch.setattr("test_architecture.ROOT", tmp_path)
    service = tmp_path / "src" / "misarmail_server" / "services" / "things.py"
    service.parent.mkdir(parents=True)
    service.write_text("from misarmail_server import app, tables\nimport misarmail_server.handlers.things\n")

    assert upward(service) == ["misarmail_server.app", "misarmail_server.handlers.things"]
    assert forbidden("def f():\n    from sqlalchemy.orm import Session", "sqlalchemy") == ["sqlalchemy.orm.Session"]
    assert forbidden("import contractors", "contract") == []
    assert spoken("import datetime as d\nx = datetime.datetime.now()\ny = os.environ['A']") >= {"datetime.now", "os.environ"}
    assert numbers("def f():\n    return body, 404") == {404}
    assert too_long("def f():\n" + "    x = 1\n" * 50) == ["f"]
