"""Many files -> one document with local references only.

Path items are inlined. The target of any other external reference becomes a component, in the section that fits the referring member,
named by the last key of the pointer. Components of the root document keep their names. The result depends only on the files.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract.openapi.locations import Mark, refuse
from contract.openapi.references import Json, escape
from contract.openapi.shape import SECTIONS, member
from contract.openapi.sources import ReferenceTarget, Sources

KIND_OF_SECTION = {section: kind for kind, section in SECTIONS.items()}


def bundle(sources: Sources, root: Path) -> tuple[Json, list[str]]:
    """The bundle, and the pointers of components that were renamed because of a name clash. Raises ContractError for a broken reference."""
    return _Bundler(sources, root).run()


class _Bundler:
    """One run. `names` maps each target, per section, to its component; `waiting` holds the targets not yet copied."""

    def __init__(self, sources: Sources, root: Path) -> None:
        self.sources = sources
        self.root = root
        self.names: dict[tuple[str, ReferenceTarget], str] = {}
        self.taken: dict[str, set[str]] = {section: set() for section in KIND_OF_SECTION}
        self.waiting: deque[tuple[str, ReferenceTarget]] = deque()
        self.renamed: list[str] = []
        self.ends: dict[ReferenceTarget, ReferenceTarget] = {}
        self.inlining: list[ReferenceTarget] = []

    def run(self) -> tuple[Json, list[str]]:
        document = self.sources.value(self.root)
        components = document.get("components")
        self.adopt(components if isinstance(components, dict) else {})
        bundled: Json = self.copy("document", document, self.root)
        if self.waiting and not isinstance(bundled.get("components"), dict):
            bundled["components"] = {}
        while self.waiting:
            section, target = self.waiting.popleft()
            self.add_component(bundled["components"], section, target)
        if isinstance(bundled.get("components"), dict):
            bundled["components"] = self.sorted(bundled["components"])
        return bundled, self.renamed

    def adopt(self, components: Json) -> None:
        """Reserve the names of the root's own components.

        A component that is only a reference to another file gives its name to the target.
        """
        for section in KIND_OF_SECTION:
            entries = components.get(section)
            for name, node in entries.items() if isinstance(entries, dict) else ():
                self.taken[section].add(name)
                if is_reference(node) and (target := self.sources.target(node, self.root)).file != self.root:
                    self.name(section, target, name)

    def name(self, section: str, target: ReferenceTarget, name: str) -> None:
        """Name the component of a target and queue its copy. The first name stays."""
        if (section, target) not in self.names:
            self.names[section, target] = name
            self.waiting.append((section, target))

    def add_component(self, components: Json, section: str, target: ReferenceTarget) -> None:
        node = self.sources.at(target, (str(target.file), 1, 1))
        name = self.names[section, target]
        entries = components.setdefault(section, {})
        entries[name] = self.copy(KIND_OF_SECTION[section], node, target.file)
        self.note(entries, name, self.mark_of(target))

    def note(self, entries: Json, name: str, mark: Mark) -> None:
        self.sources.marks.record(entries, {**self.sources.marks.of(entries), name: mark})

    def mark_of(self, target: ReferenceTarget) -> Mark:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in target.pointer.split("/")[1:]]
        trail = list(self.sources.marks.trail(self.sources.value(target.file), parts))
        return trail[-1] if trail else self.sources.mark(None, "", target.file)

    def sorted(self, components: Json) -> Json:
        """Sections in the specification's order, names in alphabetical order, then unknown sections."""
        ordered: Json = {}
        for section in (*KIND_OF_SECTION, *(key for key in components if key not in KIND_OF_SECTION)):
            if section in components:
                entries = components[section]
                ordered[section] = dict(sorted(entries.items())) if isinstance(entries, dict) else entries
                self.sources.marks.share(entries, ordered[section])
        self.sources.marks.share(components, ordered)
        return ordered

    def copy(self, kind: str, node: Any, file: Path) -> Any:
        """A node with its references rewritten. Data is shared, not copied."""
        if not isinstance(node, dict):
            return node
        if is_reference(node):
            return self.reference(kind, node, file)
        copied = {key: self.copy_member(kind, key, value, file) for key, value in node.items()}
        if kind == "schema" and isinstance(copied.get("discriminator"), dict):
            copied["discriminator"] = self.discriminator(copied["discriminator"], file)
        self.sources.marks.share(node, copied)
        return copied

    def copy_member(self, kind: str, key: str, value: Any, file: Path) -> Any:
        reading = member(kind, key)
        if reading is None:
            return value
        form, kind_of_member = reading
        if form == "one":
            return self.copy(kind_of_member, value, file)
        copied: Any = value
        if isinstance(value, dict) and is_reference(value):
            return self.inline_map(kind_of_member, value, file)
        if form == "list" and isinstance(value, list):
            copied = [self.copy(kind_of_member, entry, file) for entry in value]
        elif form == "map" and isinstance(value, dict):
            copied = {name: self.copy(kind_of_member, entry, file) for name, entry in value.items()}
        self.sources.marks.share(value, copied)
        return copied

    def inline_map(self, kind: str, node: Json, file: Path) -> Any:
        """A whole map or list in another file: not in the specification, but common."""
        target = self.end(node, file)
        value = self.sources.at(target, self.sources.mark(node, "$ref", file))
        copied: Any = value
        if isinstance(value, dict):
            copied = {name: self.copy(kind, entry, target.file) for name, entry in value.items()}
        elif isinstance(value, list):
            copied = [self.copy(kind, entry, target.file) for entry in value]
        self.sources.marks.share(value, copied)
        return copied

    def reference(self, kind: str, node: Json, file: Path) -> Json:
        """The node with a local reference, or its target where its kind has no section or it is a path item of another file."""
        target = self.sources.target(node, file)
        self.end(node, file)
        if target == ReferenceTarget(self.root, ""):
            raise refuse(self.sources.mark(node, "$ref", file), f"the reference {node['$ref']!r} names the whole document")
        section = SECTIONS.get(kind)
        if section is None or (kind == "path_item" and target.file != self.root):
            return self.inline(kind, node, file)
        reference = (
            f"#{target.pointer}" if target.file == self.root else self.component(section, target, self.sources.mark(node, "$ref", file))
        )
        siblings = {key: self.copy_member(kind, key, value, file) for key, value in node.items() if key != "$ref"}
        rewritten = {"$ref": reference, **siblings}
        self.sources.marks.share(node, rewritten)
        return rewritten

    def component(self, section: str, target: ReferenceTarget, mark: Mark) -> str:
        """The local reference to an external target. Its first use names the component and queues its copy."""
        if (section, target) not in self.names:
            self.name(section, target, self.free_name(section, re.sub(r"[^A-Za-z0-9._-]", "_", target.name), mark))
        return f"#/components/{section}/{escape(self.names[section, target])}"

    def free_name(self, section: str, name: str, mark: Mark) -> str:
        if not name:
            raise refuse(mark, "the reference names a whole file that has no name")
        candidates = (name if number == 1 else f"{name}_{number}" for number in range(1, len(self.taken[section]) + 2))
        free = next(candidate for candidate in candidates if candidate not in self.taken[section])
        if free != name:
            self.renamed.append(f"/components/{section}/{free}")
        self.taken[section].add(free)
        return free

    def inline(self, kind: str, node: Json, file: Path) -> Json:
        """The target of a reference, overlaid with the reference's siblings."""
        target = self.end(node, file)
        if target in self.inlining:
            raise refuse(self.sources.mark(node, "$ref", file), f"the reference {node['$ref']!r} leads back to itself")
        self.inlining.append(target)
        value = self.sources.at(target, self.sources.mark(node, "$ref", file))
        inlined: Json = self.copy(kind, value, target.file)
        self.inlining.pop()
        siblings = {key: self.copy_member(kind, key, entry, file) for key, entry in node.items() if key != "$ref"}
        if siblings:
            marks = {**self.sources.marks.of(inlined), **self.sources.marks.of(node)}
            inlined = {**inlined, **siblings}
            self.sources.marks.record(inlined, marks)
        return inlined

    def end(self, node: Json, file: Path) -> ReferenceTarget:
        """Follow a chain of references to the first node that is not one. Raises ContractError for a chain that closes on itself."""
        target = first = self.sources.target(node, file)
        if first in self.ends:
            return self.ends[first]
        visited = {first}
        for target in self.chain(first):
            if target in visited:
                raise refuse(self.sources.mark(node, "$ref", file), f"the reference {node['$ref']!r} leads back to itself")
            visited.add(target)
        self.ends[first] = target
        return target

    def chain(self, target: ReferenceTarget) -> Iterator[ReferenceTarget]:
        node = self.sources.at(target, (str(target.file), 1, 1))
        while isinstance(node, dict) and is_reference(node):
            target = self.sources.target(node, target.file)
            yield target
            node = self.sources.at(target, (str(target.file), 1, 1))

    def discriminator(self, node: Json, file: Path) -> Json:
        """A discriminator whose mapping refers to schemas of other files by local references."""
        mapping = node.get("mapping")
        if not isinstance(mapping, dict):
            return node
        local_mapping = {value: self.mapped(mapping, value, file) for value in mapping}
        self.sources.marks.share(mapping, local_mapping)
        copied = {**node, "mapping": local_mapping}
        self.sources.marks.share(node, copied)
        return copied

    def mapped(self, mapping: Json, value: str, file: Path) -> Any:
        schema_name = mapping[value]
        if not isinstance(schema_name, str) or not re.search(r"[#/]|\.(ya?ml|json)$", schema_name):
            return schema_name
        node = {"$ref": schema_name}
        self.sources.marks.record(node, {"$ref": self.sources.mark(mapping, value, file)})
        return self.reference("schema", node, file)["$ref"]


def is_reference(node: Any) -> bool:
    """Whether a node is a reference. A property called `$ref` is not: its value is a schema."""
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)
