"""Works-council mode, and the data sheet that goes with it."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Column, Table

from bot.app import make_desk, open_desk
from bot.settings import Settings
from bot.store.columns import Kept
from bot.store.datasheet import write_sheet
from bot.store.schema import metadata, personal
from handlers.intent import (
    AskNudges,
    AskPrivacy,
    AskTeam,
    SetProfile,
    ShowExpectations,
    ShowHelp,
    ShowPacket,
    ShowProfile,
    SuggestNext,
)
from handlers.reply import Audience
from tests.talk import Talk, buttons, content, text

ROOT = Path(__file__).parent.parent
ROLE = "ml-engineer"
OFF = {"en": "switched off here", "de": "hier abgeschaltet"}
MODE = {"en": "works-council mode", "de": "Betriebsratsmodus"}


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_team_and_nudges_are_switched_off(lang: str) -> None:
    """Whatever is asked of team summaries and nudges, the answer is that they are off, why, and what there is."""
    talk = Talk(lang=lang, works_council=True)
    for intent in (AskTeam(), AskNudges(), AskNudges(wish="on"), AskNudges(wish="set", weekday=4, minute=540)):
        reply = await talk.asks(intent)
        assert OFF[lang] in text(reply)
        assert MODE[lang] in text(reply)
        assert buttons(reply)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_what_stays(lang: str) -> None:
    """Looking up, sharing what the framework says, and private self-assessment are the same in both modes."""
    answers = []
    for works_council in (False, True):
        talk = Talk(lang=lang, works_council=works_council)
        said = [await talk.asks(SetProfile(role=ROLE, level="middle"))]
        shared = await talk.asks(ShowExpectations(role=ROLE, level="senior"), share=True)
        assert shared.audience is Audience.ROOM
        asked = (ShowExpectations(role=ROLE, level="senior"), SuggestNext(), ShowPacket())
        said += [shared, *[await talk.asks(intent) for intent in asked]]
        answers.append([text(one) for one in said])
    assert answers[0] == answers[1]


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_nothing_that_is_off_is_offered(lang: str) -> None:
    """No page of this mode has a button for what is switched off, and the overview says that nudges are off."""
    talk = Talk(lang=lang, works_council=True)
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    for intent in (ShowHelp(), ShowProfile(), AskPrivacy(), SuggestNext()):
        assert not [one for one in buttons(await talk.asks(intent)) if isinstance(one.intent, AskTeam | AskNudges)]
    told = talk.desk.voice(lang)
    assert told("example.nudges") not in text(await talk.asks(ShowHelp()))
    assert told("example.nudges") in text(await Talk(lang=lang).asks(ShowHelp()))
    assert OFF[lang] in text(await talk.asks(ShowProfile()))
    assert MODE[lang] in text(await talk.asks(AskPrivacy()))


async def test_the_setting_reaches_the_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """WORKS_COUNCIL=1 makes a desk of that mode; without it there is none."""
    monkeypatch.chdir(tmp_path)
    assert not make_desk().works_council
    for given, mode in ((None, False), ("0", False), ("1", True)):
        if given:
            monkeypatch.setenv("WORKS_COUNCIL", given)
        async with open_desk(Settings(database_url=SecretStr("sqlite:///here.db"))) as (desk, _):
            assert desk.works_council is mode


DAY = datetime.date(2026, 3, 17)


def sheet(lang: str, **settings: Any) -> str:
    """The data sheet with these settings."""
    return write_sheet(content().texts.voice(lang), Settings.model_construct(**settings), DAY)


@pytest.mark.parametrize("lang", content().texts.languages)
def test_every_column_is_in_the_sheet(lang: str) -> None:
    """Every field of every table stands in the sheet with its purpose in that language; people's tables come first."""
    said = sheet(lang)
    assert all(column.info["purpose"].keys() == set(content().texts.languages) for column in columns())
    place = 0
    others = [table for table in metadata.sorted_tables if table not in personal()]
    for table in (*personal(), *others):
        place = said.index(f"\n{table.name}: ", place)
        rows = re.findall(r"^\| (\S+) \| (.+?) \|$", said[place:].split("\n\n")[1], re.MULTILINE)[2:]
        assert rows == [(column.name, column.info["purpose"][lang]) for column in table.columns]


def columns() -> list[Column[Any]]:
    """Every column of every table."""
    return [column for table in metadata.sorted_tables for column in table.columns]


def test_nothing_english_in_the_german_sheet() -> None:
    """The German sheet has no English sentence, nor any of the little words that English cannot do without."""
    german = sheet("de")
    for column in columns():
        assert column.info["purpose"]["en"] not in german
    prose = re.sub(r"^\| \w+ \|", "", german, flags=re.MULTILINE)  # but for the names of columns
    words = {one.casefold() for one in re.findall(r"[^\W\d_]+", prose)}
    english = {"the", "of", "and", "is", "for", "with", "not", "who", "what", "when", "until", "person's", "only"}
    assert not words & english


def goes_by_retention(table: Table) -> bool:
    """Whether anything in a table is kept for so many days."""
    return any(column.info["kept"] in (Kept.PERSON, Kept.TRAIL, Kept.AUDIT) for column in table.columns)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_sheet_tells_the_settings(lang: str) -> None:
    """The days of retention and the works-council mode of this installation are in the sheet."""
    assert "731" not in sheet(lang)
    paragraphs = sheet(lang, retention_days=731).split("\n\n")
    kept = [one.split(":")[0] for one in paragraphs if "731" in one and one.split(":")[0] in metadata.tables]
    assert kept == [table.name for table in (*personal(), metadata.tables["audit"]) if goes_by_retention(table)]
    on, off = sheet(lang, works_council=True), sheet(lang, works_council=False)
    assert on != off
    assert MODE[lang].casefold() in on.casefold()
    one = sheet(lang, retention_days=1)
    assert "1 days" not in one
    assert "1 Tage" not in one


def test_the_command_prints_the_sheet(tmp_path: Path) -> None:
    """`python -m bot datasheet` prints it with the settings of the environment, and nothing else."""
    env = {"RETENTION_DAYS": "90", "WORKS_COUNCIL": "1", "PATH": "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "datasheet", "--lang", "de"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=env, cwd=tmp_path)
    dated = re.sub(r"(?m)^(- \*\*Stand\*\*: ).+$", r"\g<1>17. März 2026", done.stdout)
    assert dated == sheet("de", retention_days=90, works_council=True)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_sheet_says_of_what_and_when_it_is(lang: str) -> None:
    """The version of the product, the day, and a line for the operator's name stand at the top."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    top = sheet(lang).split("\n\n")[1]
    assert f"Rung {version}" in top
    assert "2026" in top
    assert "…" in top
