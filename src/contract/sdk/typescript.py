"""A TypeScript client: types by openapi-typescript, requests by openapi-fetch, behind our own layer."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path

from contract.openapi.operations import METHODS
from contract.openapi.references import Json, resolve
from contract.sdk import packaging, typescript_text
from contract.sdk.node_tools import run, tools
from contract.sdk.plan import SdkPlan, plan
from contract.sdk.typescript_readme import package_json, readme, tsconfig

LAYER = ("calls.ts", "pages.ts", "problems.ts", "retries.ts", "types.ts", "webhooks.ts")


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """Write the package. All operations are supported, so the result is empty. Raises ContractError."""
    sdk_plan = plan(bundle, name)
    folder = packaging.prepare_folder(output)
    files = typescript_text.modules(sdk_plan) | packaging.layer("contract.sdk.typescript_layer", LAYER)
    packaging.write(folder, {f"src/{name}": text for name, text in files.items()})
    packaging.write(folder, {"README.md": readme(sdk_plan), "package.json": package_json(sdk_plan), "tsconfig.json": tsconfig()})
    _types(with_method_names(bundle, sdk_plan), (folder / "src" / "schema.ts").resolve())
    return []


def with_method_names(bundle: Json, sdk_plan: SdkPlan) -> Json:
    """A copy without webhooks, in which the ids of operations are the names of their methods."""
    document = copy.deepcopy(bundle)
    document.pop("webhooks", None)
    names = {(sdk_method.operation.method, sdk_method.operation.path): sdk_method.name for sdk_method in sdk_plan.methods}
    for path, raw_item in document.get("paths", {}).items():
        item = raw_item if path.startswith("x-") else resolve(document, raw_item, "")[0]
        for method in METHODS:
            if (method, path) in names:
                item[method]["operationId"] = names[method, path]
    return document


def _types(document: Json, target: Path) -> None:
    tools_folder = tools()
    with tempfile.TemporaryDirectory(prefix="contract-sdk-") as temporary:
        source = Path(temporary, "openapi.json")
        source.write_text(json.dumps(document), "utf-8")
        generator = tools_folder / "node_modules" / ".bin" / "openapi-typescript"
        # A property with a default is optional in a request.
        run(Path(temporary), str(generator), str(source), "--output", str(target), "--default-non-nullable", "false")
