"""A Python client: models, groups of operations and errors of a document, around a layer that all clients share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from contract.errors import ContractError
from contract.generate.formatting import format_folder
from contract.generate.read_write import SCHEMAS
from contract.openapi.media_types import media_types
from contract.openapi.operations import METHODS
from contract.openapi.references import Json, escape, resolve
from contract.runtime.media import essence, is_json
from contract.sdk import packaging
from contract.sdk.plan import SdkPlan, left_out_schemes, plan, python_package
from contract.sdk.python_generator import text
from contract.sdk.python_generator.alias_circles import untie
from contract.sdk.python_generator.form_files import with_form_components
from contract.sdk.python_generator.groups import GroupWriter
from contract.sdk.python_generator.methods import Method, MethodDeriver
from contract.sdk.python_generator.models import dicts_module, model_names, models_module
from contract.sdk.python_generator.readme import pyproject, readme
from contract.sdk.python_generator.type_text import split_union
from contract.sdk.python_generator.types import TypeDeriver

LAYER = (
    *("auth.py", "calls.py", "decoding.py", "encoding.py", "multipart.py", "operation.py", "pages.py", "problems.py", "reading.py"),
    *("request.py", "retries.py", "signatures.py", "streams.py", "types.py", "values.py"),
)
TARGET = "py310"


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """Write the package and return what it does not carry, with reasons. Raises ContractError."""
    sdk_plan = plan(bundle, name)
    sdk_plan = replace(sdk_plan, package=python_package(sdk_plan))
    try:
        files, methods, omitted = modules(bundle, sdk_plan)
    except RecursionError as error:
        raise ContractError("The schemas of the document are nested too deeply for a Python client") from error
    folder = packaging.prepare_folder(output)
    package = folder / sdk_plan.package
    package.mkdir()
    packaging.write(package, files | packaging.layer("contract.sdk.python_layer", LAYER) | {"py.typed": ""})
    packaging.write(folder, {"README.md": readme(sdk_plan, bundle, methods), "pyproject.toml": pyproject(sdk_plan)})
    format_folder(package, target=TARGET)
    return [*left_out_schemes(bundle), *omitted]


def modules(bundle: Json, sdk_plan: SdkPlan) -> tuple[dict[str, str], list[Method], list[str]]:
    """The generated modules by file name, the methods, and what the modules do not carry."""
    bundle = with_form_components(bundle)
    types = TypeDeriver(bundle)
    deriver = MethodDeriver(bundle, types)
    for component in bundle.get("components", {}).get("schemas", {}):
        types.component(f"{SCHEMAS}{escape(component)}")
    methods = {group: [deriver.method(sdk_method) for sdk_method in members] for group, members in sdk_plan.groups.items()}
    events = _events(bundle, types)
    types.finish()
    untie(types.models)
    writer = GroupWriter(sdk_plan, deriver, types.models)
    titles = {sdk_method.group: sdk_method.operation.tag for sdk_method in sdk_plan.methods}
    classes = {group: text.group_class(group) for group in methods}
    files = {f"groups/{group}.py": writer.module(titles[group], classes[group], members) for group, members in methods.items()}
    files |= {
        "groups/__init__.py": "",
        "models.py": models_module(types.models),
        "dicts.py": dicts_module(types.models, {name for root in deriver.roots for name in model_names(root)}),
        "client.py": text.client_module(sdk_plan, bundle, classes),
        "errors.py": text.errors_module(sdk_plan),
        "webhooks.py": text.webhooks_module(has_events=bool(events)),
        "__init__.py": text.package_module(sdk_plan, has_webhooks=bool(events)),
    }
    files |= {"events.py": text.events_module([deriver.names.read(event) for event in events])} if events else {}
    all_methods = [method for members in methods.values() for method in members]
    vague = [f"{pointer}: {reason}; it is any JSON value" for pointer, reason in dict.fromkeys(types.vague)]
    return files, all_methods, [*dict.fromkeys(deriver.omissions), *vague]


def _events(bundle: Json, types: TypeDeriver) -> list[str]:
    """The types of the bodies of webhooks. A receiver reads what a server writes."""
    events: dict[str, None] = {}
    for name, raw in (bundle.get("webhooks") or {}).items():
        item, pointer = resolve(bundle, raw, f"/webhooks/{escape(name)}")
        for method in METHODS:
            body, body_pointer = resolve(bundle, item.get(method, {}).get("requestBody", {}), f"{pointer}/{method}/requestBody")
            for media in media_types(bundle, body, body_pointer):
                if is_json(essence(media.name)):
                    type_ = types.of(media.schema, f"{media.pointer}/schema", "response", f"{name}Event")
                    events |= dict.fromkeys(split_union(type_.read))
    return list(events)
