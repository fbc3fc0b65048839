"""Documents as JSON and as YAML text."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from typing_extensions import override

from contract.errors import ContractError
from contract.openapi.references import Json


def write(document: Json, file: Path) -> None:
    """Write YAML for .yaml and .yml, JSON otherwise. Raises ContractError for a file that cannot be written."""
    text = as_yaml(document) if file.suffix in {".yaml", ".yml"} else as_json(document)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ContractError(f"{file}: cannot be written: {error.strerror}") from error


def as_json(document: Json) -> str:
    """JSON indented by two spaces, keys in the document's order."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_yaml(document: Json) -> str:
    """YAML without aliases, keys in the document's order."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)


class _Dumper(yaml.SafeDumper):
    @override
    def ignore_aliases(self, data: object) -> bool:
        """Data that appears twice is written twice."""
        del data
        return True
