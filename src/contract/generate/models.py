"""Models: `msgspec.Struct`s written by datamodel-code-generator. Absent is `UNSET`, null is `None`."""

from __future__ import annotations

import json
import warnings

from datamodel_code_generator import (
    DatetimeClassType,
    Formatter,
    InputFileType,
    LiteralType,
    OpenAPIScope,
    PythonVersion,
    generate,
)
from datamodel_code_generator.enums import DataModelType

from contract.generate.carrying import Carried
from contract.operations import Json

HEADER = '"""Models of the contract. Written by `contract generate`; edit the document instead."""'


def write(bundle: Json, carried: Carried) -> str:
    """The source of `models.py`."""
    document = {"openapi": "3.1.0", "info": bundle["info"], "paths": {}, "components": {"schemas": carried.schemas}}
    with warnings.catch_warnings():
        # Unions that msgspec cannot tell apart are listed by `carrying.unions` in our own words.
        warnings.simplefilter("ignore", UserWarning)
        source = generate(
            json.dumps(document),
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            openapi_scopes=[OpenAPIScope.Schemas],
            custom_file_header=HEADER,
            formatters=[Formatter.BUILTIN],
            output_datetime_class=DatetimeClassType.Datetime,
            enum_field_as_literal=LiteralType.All,
            use_standard_collections=True,
            use_union_operator=True,
            use_double_quotes=True,
            use_schema_description=True,
            use_field_description=True,
            use_annotated=False,
            keyword_only=True,
            strict_nullable=True,
            apply_default_values_for_required_fields=True,
            disable_timestamp=True,
        )
    return str(source)
