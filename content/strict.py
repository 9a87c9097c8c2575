"""Strict YAML: every scalar is a string, doubled keys are faults, and every place knows its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from content.faults import Fault, Faults

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Data = Any
"""Nested dicts, lists and strings."""


@dataclass(frozen=True, eq=False)
class Document:
    """One YAML file: its data (dicts, lists and strings only) and where each part of it stands."""

    path: Path
    data: Data
    root: yaml.Node | None

    def line(self, *place: str | int) -> int:
        """The line of a place, from 1; what is not there is skipped, so the nearest line above it is told."""
        node, line = self.root, 1
        for step in place:
            if isinstance(node, yaml.MappingNode):
                found = next((pair for pair in node.value if pair[0].value == step), None)
                if found:
                    line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line

    def fault(self, sentence: str, *place: str | int) -> Fault:
        """A fault at a place in this file."""
        return Fault(self.path, self.line(*place), sentence)


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in the order of their names."""
    return sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"})


def read_yaml(path: Path | str) -> Document:
    """Read one YAML file strictly; `.data` is the plain data. Raises `Faults`."""
    document, faults = read_all(Path(path))
    if faults:
        raise Faults(faults)
    return document


def read_all(path: Path) -> tuple[Document, list[Fault]]:
    """Read one YAML file as far as it can be read, with everything that is wrong in its YAML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Document(path, {}, None), [Fault(path, 1, f"The file cannot be read: {error.strerror}.")]
    loader = _Loader(raw)
    try:
        root = loader.get_single_node()
        if root is None:
            return Document(path, {}, None), [Fault(path, 1, "The file is empty.")]
        reader = _Reader(path)
        data = reader.convert(root)
        reader.refuse_bombs(root)
    except yaml.YAMLError as error:
        return Document(path, {}, None), [_syntax_fault(path, raw, error)]
    except RecursionError:
        return Document(path, {}, None), [Fault(path, 1, "The file is nested too deeply to be read.")]
    finally:
        loader.dispose()
    return Document(path, data, root), reader.faults


class _Reader:
    """Turns nodes into plain data; a node that is referred to again (`*alias`) is converted once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self._done: dict[int, Data] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def convert(self, node: yaml.Node) -> Data:
        """The node's data; `_sizes` counts what it would be with every alias written out."""
        if id(node) in self._done:
            return self._done[id(node)]
        if id(node) in self._open:
            self._fault(node, "This part refers to itself (`*alias` inside its own `&anchor`).")
            return ""
        if node.tag.startswith("!"):
            self._fault(node, f"The tag `{node.tag}` means nothing here; leave it out.")
        self._open.add(id(node))
        data: Data = node.value
        if isinstance(node, yaml.MappingNode):
            data = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode):
            data = [self.convert(child) for child in node.value]
        children = _children(node)
        self._sizes[id(node)] = 1 + sum(self._sizes.get(id(child), 1) for child in children)
        self._open.discard(id(node))
        self._done[id(node)] = data
        return data

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Data]:
        data: dict[str, Data] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, "A key must be a word, not a list or a mapping.")
                continue
            converted = self.convert(value)
            if key.value in data:
                self._fault(key, f"`{key.value}` stands here twice; the first is on line {first[key.value]}.")
                continue
            data[key.value] = converted
            first[key.value] = key.start_mark.line + 1
        return data

    def refuse_bombs(self, root: yaml.Node) -> None:
        """Aliases of aliases can make a small file endless; a real one only spares some typing."""
        if self._sizes[id(root)] > 10_000 + 20 * len(self._done):
            self._fault(root, "The aliases in this file multiply beyond measure; write the texts out.")

    def _fault(self, node: yaml.Node, sentence: str) -> None:
        self.faults.append(Fault(self.path, node.start_mark.line + 1, sentence))


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for _, child in node.value]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _syntax_fault(path: Path, raw: bytes, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    line = mark.line + 1 if mark else raw[: getattr(error, "position", 0)].count(b"\n") + 1
    line = min(line, len(raw.splitlines()))  # the end of the file may be told as the line after it
    return Fault(path, line, f"This is not proper YAML: {problem}.")
