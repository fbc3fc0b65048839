"""Models: `msgspec.Struct`s written by datamodel-code-generator. Absent is `UNSET`, null is `None`."""

from __future__ import annotations

import gc
import hashlib
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from contract.generate import definition_order
from contract.generate.definition_order import ordered
from contract.generate.model_schemas import Carried

DEFINED = re.compile(r"^(?:class )?(\w+)[(:]", re.MULTILINE)
HEADER = '"""Models of the contract. Written by `contract generate`; edit the document instead."""'


STAMP = re.compile(r"\n# made of ([0-9a-f]{32}), and is ([0-9a-f]{32})\n\Z")


class TakenError(Exception):
    """Models that cannot have their names, because the module's own imports have them."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = frozenset(names)


def write(carried: Carried) -> str:
    """The source of `models.py`. Raises TakenError when a model could not have its name."""
    if not carried.schemas:
        return f"{HEADER}\n"
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": carried.schemas}}
    source = _written(json.dumps(document))
    missing = carried.schemas.keys() - set(DEFINED.findall(source))
    if missing:
        raise TakenError(missing)
    return ordered(source)


def stamped(source: str, carried: Carried) -> str:
    """The finished text of the module, with what it was made of and its own digest in the last line."""
    return f"{source}\n# made of {_origin(carried)}, and is {_digest(source)}\n"


def is_current(present: str, carried: Carried) -> bool:
    """Whether a module was made of just these schemas by just this program, and nobody edited it since: no need to make it again."""
    stamp = STAMP.search(present)
    return stamp is not None and stamp.groups() == (_origin(carried), _digest(present[: stamp.start()]))


def _origin(carried: Carried) -> str:
    programs = [Path(file).read_text("utf-8") for file in (__file__, definition_order.__file__)]
    return _digest("\0".join((json.dumps(carried.schemas), *map(version, ("datamodel-code-generator", "ruff")), *programs)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@contextmanager
def without_collection() -> Iterator[None]:
    """Cyclic garbage is left until the end: the library builds millions of objects, and looking through them is a third of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _written(document: str) -> str:
    # It takes a second to import, and most runs find the models as they should be.
    from datamodel_code_generator import (  # noqa: PLC0415 - see above
        DatetimeClassType,
        InputFileType,
        LiteralType,
        OpenAPIScope,
        PythonVersion,
        generate,
    )
    from datamodel_code_generator.enums import DataModelType  # noqa: PLC0415 - see above

    with warnings.catch_warnings(), without_collection():
        # What a type cannot carry is listed by `carrying` in our own words.
        warnings.simplefilter("ignore", UserWarning)
        source = generate(
            document,
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            openapi_scopes=[OpenAPIScope.Schemas],
            custom_file_header=HEADER,
            formatters=[],
            output_datetime_class=DatetimeClassType.Datetime,
            enum_field_as_literal=LiteralType.All,
            use_standard_collections=True,
            use_union_operator=True,
            use_schema_description=True,
            use_field_description=True,
            use_annotated=False,
            keyword_only=True,
            strict_nullable=True,
            apply_default_values_for_required_fields=True,
            disable_timestamp=True,
            use_msgspec_tagged_unions=True,
        )
    return str(source)
