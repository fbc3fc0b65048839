"""A TypeScript client: types, functions and errors of the document, on a small layer without dependencies.

Only the document is read: no example is fetched, no reference is followed to the network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from contract.openapi.references import Json
from contract.sdk import packaging, typescript_readme
from contract.sdk.plan import SdkPlan, left_out_schemes, plan
from contract.sdk.typescript_modules import client, events
from contract.sdk.typescript_modules.bodies import Bodies
from contract.sdk.typescript_modules.error_tables import ErrorTables
from contract.sdk.typescript_modules.naming import names_of
from contract.sdk.typescript_modules.operations import OperationModules, Parts
from contract.sdk.typescript_modules.shapes import Shapes
from contract.sdk.typescript_modules.type_declarations import TypeDeclarations

LAYER = (
    *("calls.ts", "encoding.ts", "exact.ts", "multipart.ts", "oauth.ts", "pages.ts", "parameters.ts", "problems.ts"),
    *("reading.ts", "retries.ts", "runtime.ts", "streams.ts", "webhooks.ts", "writing.ts"),
)
Int64 = Literal["number", "bigint"]


def write(bundle: Json, output: Path, name: str | None = None, int64: Int64 = "number") -> list[str]:
    """Write the package; returns what it cannot carry, with places. Raises ContractError."""
    sdk_plan = plan(bundle, name)
    folder = packaging.prepare_folder(output)
    files, omissions = modules(bundle, sdk_plan, int64)
    layer = packaging.layer("contract.sdk.typescript_layer", LAYER)
    packaging.write(folder, {f"src/{file}": text for file, text in (files | layer).items()})
    metadata = {
        "README.md": typescript_readme.readme(bundle, sdk_plan),
        "package.json": typescript_readme.package_json(sdk_plan),
        "tsconfig.json": typescript_readme.tsconfig(),
    }
    packaging.write(folder, metadata)
    return omissions


def modules(bundle: Json, sdk_plan: SdkPlan, int64: Int64 = "number") -> tuple[dict[str, str], list[str]]:
    """(text by file name, what cannot be carried)."""
    names = names_of(sdk_plan)
    types = TypeDeclarations(bundle, names.exported_types(sdk_plan), bigint=int64 == "bigint")
    shapes = Shapes(bundle, bigint=int64 == "bigint")
    bodies = Bodies(bundle, types, shapes)
    errors = ErrorTables(bundle, sdk_plan, names, types)
    operations = OperationModules(bundle, sdk_plan, names, Parts(bodies, types, errors))
    event_types = events.event_types(bundle, types)
    files = {
        "client.ts": client.client_module(sdk_plan, names, operations.calls),
        "connection.ts": client.connection_module(bundle, sdk_plan, names, errors.unmatched),
        "errors.ts": errors.classes_module(),
        "error_tables.ts": errors.module(),
        "operations.ts": operations.module(),
        "shapes.ts": shapes.module(),
        "index.ts": client.index_module(sdk_plan, bundle),
        **({"events.ts": events.events_module(event_types)} if sdk_plan.webhooks else {}),
        "types.ts": types.module(),
    }
    return files, [*left_out_schemes(bundle), *bodies.omissions]
