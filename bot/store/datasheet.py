"""The privacy data sheet, made from the tables and the settings as they are."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Table as DatabaseTable

from bot.settings import Settings
from bot.store.schema import metadata, personal
from bot.version import version
from content.texts import Voice
from handlers.document import to_markdown
from handlers.reply import Block, Facts, Heading, Table, Text


def write_sheet(voice: Voice, settings: Settings, day: datetime.date) -> str:
    """The data sheet as Markdown, as of a day."""
    return to_markdown(_sheet(voice, settings, day))


def _sheet(voice: Voice, settings: Settings, day: datetime.date) -> Iterator[Block]:
    yield Heading(voice("sheet.title"))
    yield Facts(
        (
            (voice("sheet.product"), f"Rung {version()}"),
            (voice("sheet.made-on"), voice.date(day)),
            (voice("sheet.responsible"), voice("sheet.fill-in")),
        )
    )
    yield Text(voice("sheet.about"))
    for part in ("purpose", "source", "recipients"):
        yield Heading(voice(f"sheet.{part}-title"))
        yield Text(voice(f"sheet.{part}"))
    yield Text(voice("sheet.platforms"))
    yield Text(voice("sheet.operator"))
    yield Heading(voice("sheet.logs-title"))
    yield Text(voice("sheet.logs"))
    yield Heading(voice("sheet.council-title"))
    yield Text(voice("sheet.council.on" if settings.works_council else "sheet.council.off"))
    yield Heading(voice("sheet.retention-title"))
    yield Text(voice("sheet.retention", count=settings.retention_days))
    yield Text(voice("sheet.uninstalled", count=settings.uninstall_days))
    yield Text(voice("sheet.rights"))
    yield Heading(voice("sheet.personal-title"))
    for table in personal():
        yield from _tables(voice, settings, table)
    yield Heading(voice("sheet.other-title"))
    for table in metadata.sorted_tables:
        if table not in personal():
            yield from _tables(voice, settings, table)


def _tables(voice: Voice, settings: Settings, table: DatabaseTable) -> Iterator[Table]:
    """Every column of a table of the database; those that are kept for another time stand apart."""
    for kept in dict.fromkeys(column.info["kept"] for column in table.columns):
        duration = voice(f"sheet.kept.{kept.value}", count=settings.retention_days, days=settings.uninstall_days)
        yield Table(
            voice("sheet.kept-for", table=voice(f"sheet.tables.{table.name}"), duration=duration),
            (voice("sheet.field"), voice("sheet.what-for")),
            tuple(_row(voice, column) for column in table.columns if column.info["kept"] is kept),
        )


def _row(voice: Voice, column: Column[Any]) -> tuple[str, str]:
    purpose = column.info["purpose"]
    return column.name, purpose.get(voice.lang) or purpose["en"]
