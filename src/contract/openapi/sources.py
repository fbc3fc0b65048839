"""The files of a document. Each is read once, and each reference is resolved relative to its file."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contract.errors import ContractError
from contract.openapi import json_nodes, yaml_nodes
from contract.openapi.locations import Mark, Marks, label, refuse
from contract.openapi.references import unescape


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """The target of a reference: a file and the JSON pointer in it (`""` is the whole file)."""

    file: Path
    pointer: str

    @property
    def name(self) -> str:
        """The last key of the pointer, or the file's name without its extension."""
        return unescape(self.pointer.rsplit("/", 1)[1]) if self.pointer else self.file.stem


class Sources:
    """The contents of all files read so far, with the source location of every member."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._values: dict[Path, Any] = {}
        self._resolved: dict[tuple[Path, str], Path] = {}

    @property
    def files(self) -> list[Path]:
        """Every file read, in the order of reading."""
        return list(self._values)

    def value(self, file: Path) -> Any:
        """The content of a file. Raises ContractError if it cannot be read or parsed."""
        if file not in self._values:
            self._values[file] = self._read(file)
        return self._values[file]

    def _read(self, file: Path) -> Any:
        file_label = label(file)
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise ContractError(f"{file_label}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise refuse((file_label, line, 1), "this is not UTF-8") from error
        reader = json_nodes if file.suffix == ".json" else yaml_nodes
        return reader.read(text, file_label, self.marks)

    def target(self, node: dict[str, Any], file: Path) -> ReferenceTarget:
        """The target of the `$ref` of a node in `file`. Raises ContractError if it does not exist."""
        reference = str(node["$ref"])
        mark = self.mark(node, "$ref", file)
        target = self._split(reference, file, mark)
        if target.file not in self._values and not target.file.is_file():
            raise refuse(mark, f"the reference {reference!r} names a file that does not exist")
        self.at(target, mark)
        return target

    def mark(self, node: Any, key: str, file: Path) -> Mark:
        """Where a member of a node stands, or the start of the file if that is not known."""
        return self.marks.of(node).get(key) or (label(file), 1, 1)

    def _split(self, reference: str, file: Path, mark: Mark) -> ReferenceTarget:
        path, _, fragment = reference.partition("#")
        if "://" in path:
            raise refuse(mark, f"the reference {reference!r} is remote; keep a copy beside the document")
        pointer = unquote(fragment).removesuffix("/")
        if pointer and not pointer.startswith("/"):
            raise refuse(mark, f"the reference {reference!r} names an anchor, write a pointer that starts with #/")
        return ReferenceTarget(self._resolve(file.parent, path) if path else file, pointer)

    def _resolve(self, folder: Path, path: str) -> Path:
        """The absolute path. Cached: a document repeats the same few paths thousands of times."""
        resolved = self._resolved.get((folder, path))
        if resolved is None:
            resolved = self._resolved[folder, path] = (folder / unquote(path)).resolve()
        return resolved

    def at(self, target: ReferenceTarget, mark: Mark) -> Any:
        """The value of a target. Raises ContractError with the nearest name if there is none."""
        node = self.value(target.file)
        for part in target.pointer.split("/")[1:]:
            key: Any = int(part) if isinstance(node, list) and part.isdigit() else unescape(part)
            if not isinstance(node, dict | list) or not (
                key in node if isinstance(node, dict) else isinstance(key, int) and key < len(node)
            ):
                raise refuse(mark, f"{label(target.file)} has no {target.pointer}{_hint(node, str(key))}")
            node = node[key]
        return node


def _hint(node: Any, key: str) -> str:
    near = get_close_matches(key, [str(name) for name in node], n=1) if isinstance(node, dict) else []
    return f", did you mean {near[0]!r}?" if near else ""
