"""The form of the framework's YAML files; editors complete them by the JSON Schema made from it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from content.matrix import Requirement


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write a text, or leave the key out")
    if text != text.strip() or "\n" in text:
        raise ValueError("has a line break, or spaces at its ends; `>-` folds a long text into one line")
    return text


def _language_or_text(value: Any) -> str:
    return "languages" if isinstance(value, dict) else "text"


Id = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Line = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
Text = Annotated[
    Annotated[Line, Tag("text")] | Annotated[dict[Language, Line], Field(min_length=1), Tag("languages")],
    Discriminator(_language_or_text),
]
"""A text in the framework's language, or a mapping from languages to texts."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FrameworkForm(_Form):
    """The framework's name and the language its texts are written in."""

    name: Line
    language: Language


class NamedForm(_Form):
    """Something with a name and nicknames."""

    name: Text
    nicknames: dict[Language, list[Line]] = Field(default_factory=dict, description="What people also call it.")


class RoleForm(NamedForm):
    """A role and the ladder it climbs."""

    ladder: Id


class SkillForm(NamedForm):
    """A skill and its place in the framework."""

    domain: Line
    group: Line
    about: Text | None = None


class SourceForm(_Form):
    """Where the cells of this file come from."""

    title: Line
    version: Line = Field(description="The framework's version, in quotes, such as '2026.3'.")
    date: datetime.date


class CellForm(_Form):
    """What one level of one role asks for in one skill."""

    requirement: Requirement = Requirement.UNSTATED
    clauses: dict[Id, Text] = Field(
        min_length=1, description="Key → fragment; joined with spaces the fragments are the cell's text."
    )


class FileForm(_Form):
    """One file of the framework; it may hold any of these sections."""

    model_config = ConfigDict(title="Skills matrix")

    framework: FrameworkForm | None = None
    levels: dict[Id, NamedForm] = Field(default_factory=dict)
    ladders: dict[Id, Annotated[list[Id], Field(min_length=1)]] = Field(
        default_factory=dict, description="Level ids, lowest first."
    )
    roles: dict[Id, RoleForm] = Field(default_factory=dict)
    skills: dict[Id, SkillForm] = Field(default_factory=dict)
    source: SourceForm | None = Field(default=None, description="Where all cells of this file come from.")
    cells: dict[Id, dict[Id, dict[Id, CellForm]]] = Field(
        default_factory=dict, description="skill → role → level → cell"
    )


class _Schema(GenerateJsonSchema):
    """What may be left out may still not be null: YAML's null is one more text to the loader."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema() -> JsonSchemaValue:
    """The JSON Schema of a framework file."""
    return {"$schema": _Schema.schema_dialect, **FileForm.model_json_schema(schema_generator=_Schema)}
