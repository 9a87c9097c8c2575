"""The privacy data sheet, made from the tables and the settings as they are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table as DatabaseTable

from bot.settings import Settings
from bot.store.schema import metadata, personal
from content.texts import Voice
from handlers.document import to_markdown
from handlers.reply import Block, Heading, Table, Text


def write_sheet(voice: Voice, settings: Settings) -> str:
    """The data sheet as Markdown."""
    return to_markdown(_sheet(voice, settings))


def _sheet(voice: Voice, settings: Settings) -> Iterator[Block]:
    yield Heading(voice("sheet.title"))
    yield Text(voice("sheet.about"))
    for part in ("purpose", "source", "recipients"):
        yield Heading(voice(f"sheet.{part}-title"))
        yield Text(voice(f"sheet.{part}"))
    yield Text(voice("sheet.operator"))
    yield Heading(voice("sheet.council-title"))
    yield Text(voice("sheet.council.on" if settings.works_council else "sheet.council.off"))
    yield Heading(voice("sheet.retention-title"))
    yield Text(voice("sheet.retention", count=settings.retention_days))
    yield Text(voice("sheet.rights"))
    yield Heading(voice("sheet.personal-title"))
    yield from (_table(voice, settings, table) for table in personal())
    yield Heading(voice("sheet.other-title"))
    yield from (_table(voice, settings, table) for table in metadata.sorted_tables if table not in personal())


def _table(voice: Voice, settings: Settings, table: DatabaseTable) -> Table:
    """Every column of a table of the database."""
    header = (voice("sheet.field"), voice("sheet.what-for"), voice("sheet.how-long"))
    rows = tuple(
        (
            column.name,
            column.info["purpose"].get(voice.lang) or column.info["purpose"]["en"],
            voice(f"sheet.kept.{column.info['kept'].value}", count=settings.retention_days),
        )
        for column in table.columns
    )
    return Table(voice(f"sheet.tables.{table.name}"), header, rows)
