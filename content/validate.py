"""Holds data against a pydantic model and says in plain sentences what does not fit."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from content.faults import Fault
from content.strict import Data, Document

Model = TypeVar("Model", bound=BaseModel)
Place = list[int | str]

# Steps that pydantic adds to an error's place and that stand in no file.
_NOT_IN_FILES = {"[key]", "text", "languages"}


def validate(model: type[Model], document: Document) -> tuple[Model | None, list[Fault]]:
    """The document as `model`, and its faults; the model is None when there are any."""
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, [_fault(document, detail, model) for detail in error.errors(include_url=False)]


def salvage(model: type[Model], document: Document) -> tuple[Model, list[Fault]]:
    """What is sound of the document, and the faults of the rest: a bad entry is left out, not the whole file."""
    if not isinstance(document.data, dict):
        return model(), [Fault(document.path, 1, "The file should hold sections such as `roles:` or `cells:`.")]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        data = document.data
        for detail in details:
            data = _without(data, _entry(_place(detail)))
        return model.model_validate(data), [_fault(document, detail, model) for detail in details]


def _entry(place: Place) -> Place:
    """The entry that a faulty place belongs to: a cell, a role, a whole source."""
    return place[: {"cells": 4, "framework": 1, "source": 1}.get(str(place[0]), 2)]


def _without(data: Data, place: Place) -> Data:
    head, *rest = place
    if not isinstance(data, dict) or head not in data:
        return data
    if not rest:
        return {key: value for key, value in data.items() if key != head}
    return data | {head: _without(data[head], rest)}


def _place(detail: ErrorDetails) -> Place:
    return [step for step in detail["loc"] if step not in _NOT_IN_FILES]


def _fault(document: Document, detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    place = _place(detail)
    return document.fault(_sentence(detail, place, model), *place)


def _sentence(detail: ErrorDetails, place: Place, model: type[BaseModel]) -> str:
    where = ".".join(map(str, place[:-1]))
    name = f"`{'.'.join(map(str, place))}`" if place else "The file"
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"`{where}` needs `{place[-1]}`." if where else f"The file needs `{place[-1]}`."
        case "extra_forbidden":
            return _unknown_key(str(place[-1]), where, _fields(model, place[:-1]))
        case "string_type":
            return f"{name} should be a text, not {_kind(detail['input'])}."
        case "dict_type" | "model_type" | "model_attributes_type" | "mapping_type":
            return f"{name} should hold `key: value` lines, not {_kind(detail['input'])}."
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type":
            return f"{name} should be a list, not {_kind(detail['input'])}."
        case "enum" | "literal_error":
            return f"{name} should be {context['expected']}, not “{detail['input']}”."
        case "date_from_datetime_parsing" | "date_parsing" | "date_type" | "date_from_datetime_inexact":
            return f"{name} should be a date such as 2026-03-17, not “{detail['input']}”."
        case "string_pattern_mismatch" if "a-z0-9-" in context["pattern"]:
            return f"“{detail['input']}” is no id: ids are made of a–z, 0–9 and hyphens, such as `ml-engineer`."
        case "string_pattern_mismatch" if context["pattern"] == "^[a-z]{2,3}$":
            return f"“{detail['input']}” is no language: write two small letters, such as `en` or `de`."
        case "string_too_long" if context["max_length"] == 40:
            return f"“{detail['input']}” is too long for an id: 40 letters at most."
        case "string_too_short":
            return f"{name} is empty; write a text, or leave the key out."
        case "too_short":
            return f"{name} is empty; it needs at least {context['min_length']}."
        case "value_error":
            return f"{name} {context['error']}."
    return f"{name}: {detail['msg']}."


def _unknown_key(key: str, where: str, fields: list[str]) -> str:
    near = process.extractOne(key, fields, score_cutoff=70)
    guess = f"; did you mean `{near[0]}`?" if near else (f"; known are {', '.join(fields)}." if fields else ".")
    return f"`{key}` is not known " + (f"in `{where}`" if where else "at the top of a file") + guess


def _fields(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that are known at a place, found by walking the annotations."""
    current: Any = model
    for step in place:
        if isinstance(current, type) and issubclass(current, BaseModel):
            info = current.model_fields.get(str(step))
            current = info.annotation if info else None
        else:
            current = getattr(current, "__args__", (None,))[-1]
        current = _unwrap(current)
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _unwrap(annotation: Any) -> Any:
    """The model inside `Model | None` and `Annotated[…]`."""
    arguments = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    if hasattr(annotation, "__metadata__") or type(None) in getattr(annotation, "__args__", ()):
        return _unwrap(arguments[0])
    return annotation


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value == "" else f"the text “{value}”"
