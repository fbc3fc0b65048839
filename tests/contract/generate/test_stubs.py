"""Stubs: existing code keeps every byte, missing handlers are added once."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.errors import ContractError
from contract.generate import stubs
from contract.generate.signatures import Handler
from contract.project import Project

WRITTEN = '''"""Pets, by hand."""

from __future__ import annotations
import os ;  import sys   # spaced as its author likes it

LIMIT=3


def list_pets( ctx ):  # no formatter was here
    return os.sep, sys.argv\t
'''


def handler(name: str, *, body: str | None = None, returns: str = "None") -> Handler:
    return Handler(
        id=name,
        name=name,
        resource="pets",
        summary="Do it",
        path=(("pet_id", "int"),),
        body=body,
        body_model=body,
        form_model=None,
        parameters=None,
        responses=((200, returns),),
        needs_status=False,
    )


LIST, CREATE, GET = handler("list_pets"), handler("create_pet", body="models.Pet", returns="models.Pet"), handler("get_pet")


@pytest.fixture
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Complete a module with the given bytes, or a missing module; return the new text."""

    monkeypatch.chdir(tmp_path)

    def run(present: bytes | None, *members: Handler, context: str | None = None) -> str | None:
        path = tmp_path / "pets.py"
        if present is not None:
            path.write_bytes(present)
        project = Project(tmp_path, tmp_path / "openapi.yaml", tmp_path / "api", "handlers", None, None)
        return stubs.complete(path, [replace(member, context=context) for member in members], project, "openapi/paths/pets.yaml")

    return run


def test_stubs_create_a_module(complete: Any) -> None:
    text = complete(None, CREATE)

    assert text == (
        '"""Pets over HTTP. Contract: openapi/paths/pets.yaml."""\n'
        "\n"
        "from __future__ import annotations\n"
        "\n"
        "from typing import Any\n"
        "\n"
        "from api import models\n"
        "\n"
        "\n"
        "def create_pet(ctx: Any, pet_id: int, body: models.Pet) -> models.Pet:\n"
        '    """Do it."""\n'
        '    raise NotImplementedError("create_pet has no handler yet")\n'
    )


def test_stubs_keep_existing_code(complete: Any) -> None:
    text = complete(WRITTEN.encode(), LIST, CREATE, GET)

    assert text is not None
    head, tail = WRITTEN.split("\n\nLIMIT", 1)
    assert text.startswith(f"{head}\nfrom typing import Any\nfrom api import models\n\nLIMIT{tail}\n\ndef create_pet(")
    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)] == ["list_pets", "create_pet", "get_pet"]


@pytest.mark.parametrize(
    "present",
    [
        b"",
        b"x = 1",
        b'"""Only a docstring."""',
        b"import os",
        b"def list_pets(): ...\n",
        b"\r\nimport os\r\n\r\nx = 1\r\n",
        b"if True:\n    import os\n",
        'x = "\u2028 \x0c"\nimport os\ny = 2\n'.encode(),
        b"\xef\xbb\xbfimport os\nx = 1\n",
        b"from __future__ import annotations\nx = 1\nimport os",
    ],
)
def test_stubs_keep_every_byte_of_existing_code(complete: Any, present: Any) -> None:
    text = complete(present, CREATE)

    added = text.encode()
    kept = next(cut for cut in range(len(present), -1, -1) if added.startswith(present[:cut]))
    assert present[kept:] in added[kept:]
    compile(added, "pets.py", "exec")


def test_stubs_use_the_modules_line_endings(complete: Any) -> None:
    text = complete(b"import os\r\n\r\nx = 1\r\n", CREATE)

    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    "present",
    [
        b"def get_pet(): ...",
        b"async def get_pet(): ...",
        b"get_pet = print",
        b"get_pet: object = print",
        b"from x import get_pet",
        b"from x import y as get_pet",
        b"import get_pet.more",
        b"class get_pet: ...",
        b"if 1:\n    def get_pet(): ...\nelse:\n    pass",
        b"try:\n    from x import get_pet\nexcept ImportError:\n    pass",
        b"(get_pet, other) = 1, 2",
    ],
)
def test_stubs_are_not_added_for_a_bound_name(complete: Any, present: bytes) -> None:
    assert complete(present, GET) is None


def test_stubs_do_not_repeat_imports(complete: Any) -> None:
    text = complete(b"from typing import Any\nfrom api import problems, models\n", CREATE)

    assert text.count("import") == 2


def test_stubs_use_the_projects_context(complete: Any) -> None:
    text = complete(None, GET, context="shop.context.Context")

    assert "from shop.context import Context\n" in text
    assert "def get_pet(ctx: Context, pet_id: int) -> None:" in text


@pytest.mark.parametrize(
    ("present", "sentence"),
    [
        (b"def broken(:\n", "pets.py:1:12: this handler module does not parse: invalid syntax"),
        (b"x = 1\n\nclass:", "pets.py:3:6: this handler module does not parse: invalid syntax"),
        (b"x = '\xff'", "pets.py:1:1: this handler module is not UTF-8"),
        (b"x = 1\x00", "pets.py:1:1: this handler module does not parse: source code string cannot contain null bytes"),
    ],
)
def test_stubs_refuse_a_module_that_does_not_parse(complete: Any, present: bytes, sentence: str) -> None:
    with pytest.raises(ContractError) as refused:
        complete(present, GET)

    assert str(refused.value) == sentence
    assert Path("pets.py").read_bytes() == present
