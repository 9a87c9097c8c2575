"""Many rows as one parameter."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, bindparam, cast, func
from sqlalchemy.types import TypeEngine

from bot.store.columns import to_tick


class Bulk:
    """Rows in the parameter `rows`, a JSON array of arrays, to insert from or to update by.

    A row as parameters of its own costs more than what the database does with it.
    """

    def __init__(self, columns: Mapping[str, TypeEngine[Any]], *, embedded: bool) -> None:
        self._columns = columns
        self._lite = embedded
        rows: ColumnElement[Any] = bindparam("rows", type_=Text())
        if embedded:
            self._rows = func.json_each(rows).table_valued("value", name="bulk")
        else:
            from sqlalchemy.dialects.postgresql import JSONB  # 2 MB, which an embedded database need not spend

            self._rows = func.jsonb_array_elements(cast(rows, JSONB)).table_valued("value", name="bulk")

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        """The column of this name."""
        index, value = list(self._columns).index(name), self._rows.c.value
        if self._lite:
            return func.json_extract(value, f"$[{index}]")
        return cast(value.op("->>")(index), self._columns[name])

    def values(self, *names: str) -> dict[str, ColumnElement[Any]]:
        """The columns of these names, by name."""
        return {name: self[name] for name in names}

    def of(self, table: Table, key: Iterable[str]) -> ColumnElement[bool]:
        """The rows of a table that have the key of one of these."""
        return and_(*(table.c[name] == self[name] for name in key))

    def pack(self, rows: Iterable[Sequence[Any]]) -> dict[str, str]:
        """The parameter: values in the order of the columns. Text must be fit for a database."""
        columns = map(self._written, zip(*rows, strict=True))
        return {"rows": json.dumps(list(zip(*columns, strict=True)))}

    def _written(self, column: Sequence[Any]) -> Sequence[Any]:
        """A column with its days or moments as the database would write them."""
        kind = next((type(value) for value in column if value is not None), None)
        if kind is datetime.datetime and self._lite:
            return [value and to_tick(value) for value in column]
        if kind is datetime.datetime or kind is datetime.date:
            return [value and value.isoformat() for value in column]
        return column
