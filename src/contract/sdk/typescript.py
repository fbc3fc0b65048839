"""A TypeScript client: openapi-typescript writes the types, openapi-fetch makes requests, our layer stands before them."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path

from contract.openapi.operations import METHODS, Json, resolve
from contract.sdk import packaging, typescript_text
from contract.sdk.node_tools import run, tools
from contract.sdk.plan import Plan, plan
from contract.sdk.typescript_readme import package_json, readme, tsconfig

LAYER = ("calls.ts", "pages.ts", "problems.ts", "retries.ts", "types.ts", "webhooks.ts")


def write(bundle: Json, output: Path, name: str | None = None) -> list[str]:
    """Write the package; nothing is left out, so the list is empty. Raises ContractError."""
    found = plan(bundle, name)
    folder = packaging.emptied(output)
    files = typescript_text.modules(found) | packaging.layer("contract.sdk.typescript_layer", LAYER)
    packaging.write(folder, {f"src/{name}": text for name, text in files.items()})
    packaging.write(folder, {"README.md": readme(found), "package.json": package_json(found), "tsconfig.json": tsconfig()})
    _types(named(bundle, found), (folder / "src" / "schema.ts").resolve())
    return []


def named(bundle: Json, found: Plan) -> Json:
    """A copy in which every operation has the name that it has in the client, and nothing that is only posted by the server."""
    document = copy.deepcopy(bundle)
    document.pop("webhooks", None)
    names = {(one.operation.method, one.operation.path): one.name for one in found.calls}
    for path, written in document.get("paths", {}).items():
        item = written if path.startswith("x-") else resolve(document, written, "")[0]
        for method in METHODS:
            if (method, path) in names:
                item[method]["operationId"] = names[method, path]
    return document


def _types(document: Json, target: Path) -> None:
    home = tools()
    with tempfile.TemporaryDirectory(prefix="contract-sdk-") as temporary:
        source = Path(temporary, "openapi.json")
        source.write_text(json.dumps(document), "utf-8")
        generator = home / "node_modules" / ".bin" / "openapi-typescript"
        # A property with a default may be left out of a request.
        run(Path(temporary), str(generator), str(source), "--output", str(target), "--default-non-nullable", "false")
