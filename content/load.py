"""Loads all that the coach knows from its YAML files, or tells everything that is wrong in them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from content.assemble import File, assemble
from content.difference import Scales
from content.faults import Fault, Faults
from content.form import FileForm
from content.glossary import Glossary
from content.matrix import Matrix
from content.sentences import catalogue_faults, sentences
from content.strict import Document, read_all, read_yaml, yaml_files
from content.texts import Sentence, Texts
from content.validate import salvage, validate
from content.words import Words

__all__ = ["HERE", "Content", "Fault", "Faults", "load", "load_matrix", "read_yaml"]

HERE = Path(__file__).parent

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Content:
    """All that the coach knows; the language of the framework comes first in `texts` and `words`."""

    matrix: Matrix
    texts: Texts
    words: Mapping[str, Words]
    scales: Scales
    glossary: Glossary


def load(folder: Path | None = None) -> Content:
    """Load a content folder (the shipped one by default). Raises `Faults` with everything that is wrong.

    The folder holds `framework/`, and may hold `texts/`, `words/` and `knowledge/`; what it lacks is the shipped one.
    """
    faults: list[Fault] = []
    matrix = _collect(faults, _matrix(_part(folder, "framework")))
    first = matrix.language if matrix else "en"
    catalogues = _collect(faults, _catalogues(_part(folder, "texts"), first))
    words = _collect(faults, _by_language(_part(folder, "words"), first, _validated(Words)))
    for lang in catalogues.keys() ^ words.keys() if catalogues and words else ():
        has, lacks = ("texts", "words") if lang in catalogues else ("words", "texts")
        faults.append(Fault(_part(folder, lacks), 1, f"There is {has}/{lang}.yaml, but no {lacks}/{lang}.yaml."))
    knowledge = _part(folder, "knowledge")
    scales = _collect(faults, _validated(Scales)(*read_all(knowledge / "scales.yaml")))
    glossary = _collect(faults, _validated(Glossary)(*read_all(knowledge / "glossary.yaml")))
    if faults or not (matrix and catalogues and words and scales and glossary):
        raise Faults(faults)
    return Content(matrix, Texts(catalogues), words, scales, glossary)


def load_matrix(folder: Path | None = None) -> Matrix:
    """Load the framework alone, from a content folder. Raises `Faults`."""
    matrix, faults = _matrix(_part(folder, "framework"))
    if faults or not matrix:
        raise Faults(faults)
    return matrix


Result = TypeVar("Result")


def _collect(faults: list[Fault], outcome: tuple[Result, list[Fault]]) -> Result:
    faults += outcome[1]
    return outcome[0]


def _part(folder: Path | None, name: str) -> Path:
    part = (folder or HERE) / name
    return part if name == "framework" or part.is_dir() else HERE / name


def _matrix(folder: Path) -> tuple[Matrix | None, list[Fault]]:
    faults: list[Fault] = []
    files: list[File] = []
    for path in yaml_files(folder):
        document, unread = read_all(path)
        faults += unread
        if document.root:
            files.append(File(document, _collect(faults, salvage(FileForm, document))))
    if not files and not faults:
        return None, [Fault(folder, 1, "There is no framework here: no folder with `.yaml` files.")]
    return assemble(files, faults)


def _by_language(
    folder: Path, first: str, read: Callable[[Document, list[Fault]], tuple[Result | None, list[Fault]]]
) -> tuple[dict[str, Result], list[Fault]]:
    """What each `<language>.yaml` of a folder holds, the first language first."""
    faults: list[Fault] = []
    found: dict[str, Result] = {}
    for path in sorted(yaml_files(folder), key=lambda path: (path.stem != first, path.stem)):
        result = _collect(faults, read(*read_all(path)))
        if result is not None:
            found[path.stem] = result
    if not found and not faults:
        faults.append(Fault(folder, 1, f"There is no language here: no file such as `{first}.yaml`."))
    return found, faults


def _validated(model: type[Model]) -> Callable[[Document, list[Fault]], tuple[Model | None, list[Fault]]]:
    def read(document: Document, unread: list[Fault]) -> tuple[Model | None, list[Fault]]:
        if document.root is None:
            return None, unread
        found, unfit = validate(model, document)
        return found, unread + unfit

    return read


def _catalogues(folder: Path, first: str) -> tuple[dict[str, Mapping[str, Sentence]], list[Fault]]:
    documents: dict[str, Document] = {}

    def read(document: Document, unread: list[Fault]) -> tuple[Mapping[str, Sentence] | None, list[Fault]]:
        documents[document.path.stem] = document
        found, faults = sentences(document)
        return found, unread + faults

    catalogues, faults = _by_language(folder, first, read)
    return catalogues, faults or list(catalogue_faults(catalogues, documents))
