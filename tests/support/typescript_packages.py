"""Generated TypeScript packages of small documents, and their compilation."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from contract.openapi import document
from contract.sdk import node_tools, typescript, typescript_readme

FOLDER = Path(__file__).parents[1] / "contract" / "sdk" / "typescript"
DOCUMENTS = (FOLDER / "documents.yaml").read_text("utf-8").split("---\n")


def generate(text: str, folder: Path, int64: typescript.Int64 = "number") -> list[str]:
    """Write the package of a document; returns what it cannot carry."""
    source = folder.parent / f"{folder.name}.yaml"
    source.write_text(text, "utf-8")
    return typescript.write(document.load(source).bundle, folder, None, int64)


def compile_all(folder: Path) -> None:
    """Compile everything in a folder with the options of a package."""
    tools = node_tools.tools()
    (folder / "node_modules").symlink_to(tools / "node_modules")
    options = json.loads(typescript_readme.tsconfig())["compilerOptions"]
    config = {"compilerOptions": {**options, "rootDir": ".", "types": ["node"]}, "include": ["**/*.ts"], "exclude": ["dist"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    (folder / "package.json").write_text('{"type": "module"}')
    result = subprocess.run([tools / "node_modules" / ".bin" / "tsc"], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
