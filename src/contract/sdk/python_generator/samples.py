"""Calls of a client's methods as code, with the examples of the document."""

from __future__ import annotations

import json
from typing import Any

from contract import example_values
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.runtime.visibility import is_hidden
from contract.sdk.plan import SdkPlan
from contract.sdk.python_generator.methods import Argument, Method
from contract.sdk.python_generator.text import method_name


def call(bundle: Json, method: Method, *, with_body: bool = True) -> str:
    """The call of a method with its required arguments and its body, such as `client.pets.add_pet({"name": "Rex"})`."""
    positional = [argument for argument in method.arguments if argument.style.location == "path"]
    keywords = [argument for argument in method.arguments if argument.style.location != "path" and argument.required]
    texts = [_literal(_argument(bundle, argument)) for argument in positional]
    texts += [_body(bundle, method)] if method.body and with_body else []
    texts += [f"{argument.name}={_literal(_argument(bundle, argument))}" for argument in keywords]
    return f"client.{method.sdk.group}.{method_name(method.sdk.name)}({', '.join(texts)})"


def client(plan: SdkPlan, server: str | None) -> str:
    """The construction of a client with a placeholder for its credential."""
    arguments = [] if server is not None else ['"https://api.example.com"']
    arguments += [f'{scheme.argument}=("...", "...")' if scheme.is_pair else f'{scheme.argument}="..."' for scheme in plan.schemes[:1]]
    return f"Client({', '.join(arguments)})"


def _argument(bundle: Json, argument: Argument) -> Any:
    return example_values.example_value(bundle, argument.parameter.node)


def _body(bundle: Json, method: Method) -> str:
    assert method.sdk.operation.body is not None
    name, node = next(iter(method.sdk.operation.body.node["content"].items()))
    value = example_values.example_value(bundle, node)
    if not {"example", "examples"} & node.keys():
        value = _request_view(bundle, node.get("schema", {}), value)
    if is_json(essence(name)) or essence(name) in {URLENCODED, MULTIPART}:
        return _literal(value)
    return repr(value if essence(name).startswith("text/") and isinstance(value, str) else json.dumps(value).encode())


def _request_view(bundle: Json, schema: Any, value: Any) -> Any:
    """A generated value without what only responses have, and with what only requests have."""
    described = example_values.merge(bundle, schema)
    if isinstance(value, list):
        return [_request_view(bundle, described.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    properties = described.get("properties", {})
    missing = [name for name in described.get("required", ()) if name in properties and name not in value]
    values = {**value, **{name: example_values.from_schema(bundle, properties[name]) for name in missing}}
    return {
        name: _request_view(bundle, properties.get(name, {}), item)
        for name, item in values.items()
        if not is_hidden(bundle, properties.get(name), "request")
    }


def _literal(value: Any) -> str:
    """A JSON value as Python source."""
    return repr(value)
