"""The TypeScript package of this platform: its README as running code, and the size of one call in a bundle."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contract.openapi import document
from contract.sdk import node_tools, typescript, typescript_readme
from contract.sdk.plan import plan
from contract.sdk.typescript_modules.naming import names_of
from tests.support.sample_programs import failures_of_typescript, write_samples
from tests.support.servers.contract_process import serve

ROOT = Path(__file__).parents[3]
MAX_BUNDLE_BYTES = 15_000
FENCE = re.compile(r"^```ts\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Bundles a call of each function, minified; prints their sizes.
MEASURE = """
import { buildSync } from "esbuild";
import { readFileSync } from "node:fs";
const sizes = {};
for (const name of JSON.parse(readFileSync("functions.json", "utf8"))) {
  const contents = `import { Connection, ${name} } from "./dist/index.js";
    export const result = ${name}(new Connection({ baseUrl: "https://api.example.com", apiKey: "k" }), {});`;
  const stdin = { contents, resolveDir: process.cwd() };
  sizes[name] = buildSync({ stdin, bundle: true, minify: true, format: "esm", write: false }).outputFiles[0].contents.length;
}
console.log(JSON.stringify(sizes));
"""


@pytest.fixture(scope="module")
def bundle() -> Any:
    return document.load(ROOT / "openapi" / "openapi.yaml").bundle


@pytest.fixture(scope="module")
def package(bundle: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built package of this platform, with the code of its README beside it."""
    folder = tmp_path_factory.mktemp("own") / "misarmail"
    assert typescript.write(bundle, folder, "misarmail") == []
    tools = node_tools.tools()
    (folder / "node_modules").symlink_to(tools / "node_modules")
    code = "".join(FENCE.findall((folder / "README.md").read_text("utf-8")))
    (folder / "src" / "readme.ts").write_text(code.replace('from "misarmail"', 'from "./index.js"'), "utf-8")
    write_samples(bundle, folder / "src" / "samples", "misarmail")
    result = subprocess.run([tools / "node_modules" / ".bin" / "tsc"], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    return folder


def test_readme_runs(package: Path) -> None:
    with serve("mock", str(ROOT / "openapi" / "openapi.yaml"), folder=package) as mock:
        script = package / "dist" / "readme.js"
        script.write_text(script.read_text("utf-8").replace("https://api.example.com", mock.url), "utf-8")
        result = subprocess.run(["node", script], capture_output=True, text=True, check=False, timeout=60)

    assert (result.returncode, result.stderr) == (0, "")
    assert "success: true" in result.stdout


def test_sample_of_every_operation_runs(package: Path) -> None:
    with serve("mock", str(ROOT / "openapi" / "openapi.yaml"), "--stateless", folder=package) as mock:
        failures = failures_of_typescript(package, mock.url)

    assert failures == {}


def test_one_call_is_small_in_a_bundle(package: Path, bundle: Any) -> None:
    functions = list(names_of(plan(bundle)).functions.values())
    (package / "functions.json").write_text(json.dumps(functions))
    (package / "measure.mjs").write_text(MEASURE)

    node = shutil.which("node")
    assert node is not None
    sizes = json.loads(subprocess.run([node, "measure.mjs"], cwd=package, capture_output=True, text=True, check=True).stdout)

    assert {name: size for name, size in sizes.items() if size > MAX_BUNDLE_BYTES} == {}


def test_package_has_source_maps_and_no_side_effects(package: Path) -> None:
    metadata = json.loads((package / "package.json").read_text())

    assert (metadata["type"], metadata["sideEffects"], metadata["engines"]) == ("module", False, {"node": ">=18"})
    assert "dependencies" not in metadata
    assert {"index.js", "index.js.map", "index.d.ts", "index.d.ts.map"} <= {path.name for path in (package / "dist").iterdir()}


def test_metadata_is_built_with_the_pinned_compiler(bundle: Any) -> None:
    metadata = json.loads(typescript_readme.package_json(plan(bundle, "misarmail")))

    assert metadata["devDependencies"] == {"typescript": "5.9.3"}
