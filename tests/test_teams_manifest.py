"""The app package for Teams: Microsoft's schemas take it, and what it suggests is understood."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.teams import icons
from bot.teams.activity import Activity
from bot.teams.manifest import PERSONAL, SCHEMA, SHARED, Developer, make_package
from bot.teams.turns import spoken
from bot.text import MORE
from content.load import load
from handlers.intent import Intent, OutOfScope, StartHere, Unclear, UnknownName
from tests.talk import Talk, parser
from tests.teams import APP, DATA, payload

ROOT = Path(__file__).parent.parent
TEXTS = load().texts
PAGE = "https://example.com"
DEVELOPER = Developer("Example Inc.", PAGE, f"{PAGE}/privacy", f"{PAGE}/terms")
PACKAGE = make_package(APP, "0.1.0", DEVELOPER, TEXTS)


def files(package: bytes = PACKAGE) -> dict[str, bytes]:
    """What is in an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(name: str) -> dict[str, Any]:
    """A file of the package as JSON."""
    found: dict[str, Any] = json.loads(files()[name])
    return found


def faults(kind: str, value: object) -> list[str]:
    """What Microsoft's schema says against a file; read as draft 7, because its `const` is unknown to draft 4."""
    schema = json.loads((DATA / f"app-{kind}-{SCHEMA}.schema.json").read_text(encoding="utf-8"))
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(value)]


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and RGBA pixels of a PNG without filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {}, 8
    while place < len(png):
        (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        chunks[kind] = png[place + 8 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length :][:4])[0] == zlib.crc32(kind + chunks[kind])
        place += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw = zlib.decompress(chunks[b"IDAT"])
    rows = [raw[start + 1 : start + 1 + 4 * width] for start in range(0, len(raw), 4 * width + 1)]
    return width, height, [row[at : at + 4] for row in rows for at in range(0, 4 * width, 4)]


def titles(lang: str) -> dict[str, str]:
    """The suggested commands of a language, by key."""
    keys = [(place, number, key) for place, list_ in enumerate((PERSONAL, SHARED)) for number, key in enumerate(list_)]
    if lang == "en":
        lists = made("manifest.json")["bots"][0]["commandLists"]
        return {f"{key}{place}": lists[place]["commands"][number]["title"] for place, number, key in keys}
    texts = made(f"{lang}.json")
    at = "bots[0].commandLists[{}].commands[{}].title"
    return {f"{key}{place}": texts[at.format(place, number)] for place, number, key in keys}


def test_microsofts_schemas_take_it() -> None:
    """The manifest and each language keep to the newest schema, and no text is cut."""
    assert faults("manifest", made("manifest.json")) == []
    for lang in set(TEXTS.languages) - {"en"}:
        assert faults("localization", made(f"{lang}.json")) == []
    assert not any(MORE.encode() in content for name, content in files().items() if name.endswith(".json"))


def test_the_schemas_notice_what_is_wrong() -> None:
    """A manifest with a fault is refused by the schema as it is read here."""
    good = made("manifest.json")
    broken = [
        {**good, "manifestVersion": "1.16"},
        {**good, "id": "rung"},
        {**good, "name": {"short": "x" * 31}},
        {**good, "colour": "blue"},
        {key: value for key, value in good.items() if key != "accentColor"},
    ]
    assert all(faults("manifest", each) for each in broken)
    assert faults("localization", {"name.short": "Rung", "bots[0].title": "x"})


def test_it_is_complete() -> None:
    """Every file that the manifest names is in the archive, and no other."""
    manifest = made("manifest.json")
    named = {"manifest.json", *manifest["icons"].values()}
    named |= {each["file"] for each in manifest["localizationInfo"]["additionalLanguages"]}
    assert files().keys() == named
    assert {"en", *(name.removesuffix(".json") for name in named if name.endswith("de.json"))} == set(TEXTS.languages)


def test_every_text_is_there_in_every_language() -> None:
    """A language has a text for each command of the manifest, and none for one that is not there."""
    places = {
        f"bots[0].commandLists[{place}].commands[{number}].{part}"
        for place, list_ in enumerate(made("manifest.json")["bots"][0]["commandLists"])
        for number, command in enumerate(list_["commands"])
        for part in command
    }
    assert {key for key in made("de.json") if key.startswith("bots")} == places
    (extension,) = made("manifest.json")["composeExtensions"]
    (command,) = extension["commands"]
    (parameter,) = command["parameters"]
    at = "composeExtensions[0].commands[0]"
    places = {f"{at}.{part}" for part in ("title", "description")}
    places |= {f"{at}.parameters[0].{part}" for part in ("title", "description")}
    assert {key for key in made("de.json") if key.startswith("compose")} == places
    english = [command["title"], command["description"], parameter["title"], parameter["description"]]
    assert not set(english) & set(made("de.json").values())


def test_the_search_is_declared() -> None:
    """One search in the box that people write in, which begins before anything is typed, of the same bot."""
    (extension,) = made("manifest.json")["composeExtensions"]
    assert extension["botId"] == made("manifest.json")["bots"][0]["botId"]
    (command,) = extension["commands"]
    assert (command["type"], command["context"], command["initialRun"]) == ("query", ["compose"], True)
    query = payload("query")["value"]
    assert command["id"] == query["commandId"]
    assert [each["name"] for each in command["parameters"]] == [each["name"] for each in query["parameters"]]


def test_what_the_bot_can_do_is_declared() -> None:
    """Files, answers for one person alone, and every place in which the bot answers."""
    (bot,) = made("manifest.json")["bots"]
    assert (bot["botId"], bot["supportsFiles"], bot["supportsTargetedMessages"]) == (APP, True, True)
    assert set(bot["scopes"]) == {"personal", "team", "groupChat"}
    assert [set(each["scopes"]) for each in bot["commandLists"]] == [{"personal"}, {"team", "groupChat"}]
    assert "slash" in bot["commandLists"][1]["triggers"]


def test_the_same_app_is_the_same_bytes() -> None:
    """Made again the archive does not differ by a byte; another version does."""
    assert make_package(APP, "0.1.0", DEVELOPER, TEXTS) == PACKAGE
    assert make_package(APP, "0.1.1", DEVELOPER, TEXTS) != PACKAGE


def test_the_icons_are_as_teams_wants_them() -> None:
    """One is 192 pixels wide and opaque in the accent's colour, the other 32 and white on nothing."""
    width, height, seen = pixels(files()["color.png"])
    assert (width, height) == (icons.COLOUR_SIZE, icons.COLOUR_SIZE)
    assert {pixel[3] for pixel in seen} == {255}
    assert f"#{seen[0][:3].hex()}".upper() == made("manifest.json")["accentColor"]
    assert bytes(icons.GOLD) in seen
    width, height, seen = pixels(files()["outline.png"])
    assert (width, height) == (icons.OUTLINE_SIZE, icons.OUTLINE_SIZE)
    assert {pixel[:3] for pixel in seen} == {b"\xff\xff\xff"}
    assert {0, 255} <= {pixel[3] for pixel in seen}


@pytest.mark.parametrize("lang", sorted(TEXTS.languages))
async def test_every_suggestion_is_understood(lang: str) -> None:
    """What Teams suggests is understood, in its own language, alike in every language, and answered."""
    meant: dict[str, Intent] = {}
    for key, title in titles(lang).items():
        understood = parser()(title, hint="en")
        assert not isinstance(understood.intent, Unclear | UnknownName | OutOfScope), title
        if key != "skill1":
            assert understood.lang == lang, title
            assert not isinstance(understood.intent, StartHere), title
        meant[key] = understood.intent
        assert (await Talk(lang=lang).says(title)).blocks
    assert meant == {key: parser()(title, hint="en").intent for key, title in titles("en").items()}


@pytest.mark.parametrize("words", ["skill", "/skill", "/skill ML Engineer senior", "skill ML Engineer senior"])
@pytest.mark.parametrize("targeted", [True, False])
def test_the_slash_command_in_each_form(words: str, targeted: bool) -> None:
    """With or without the slash, seen by all or by the asker alone, the command asks the same."""
    base = payload("message_group")
    text = {**base, "text": words, "entities": [], "recipient": {**base["recipient"], "isTargeted": targeted}}
    turn = spoken(Activity.model_validate(text))
    intent = turn.intent or parser()(turn.words, hint="en").intent
    assert intent.kind == ("expect" if "ML" in words else "start")


def run(out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "bot", "manifest", "teams", "--out", str(out)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def test_the_command_writes_it(tmp_path: Path) -> None:
    """The command writes the package of the settings; pages that are not set are the company's."""
    written = run(tmp_path / "rung.zip", MICROSOFT_APP_ID=APP, COMPANY_NAME="Example Inc.", COMPANY_URL=PAGE)
    assert written.returncode == 0, written.stderr
    made_of = Developer("Example Inc.", PAGE, PAGE, PAGE)
    version = re.search(r"\d+\.\d+\.\d+", written.stdout)
    assert version
    assert (tmp_path / "rung.zip").read_bytes() == make_package(APP, version[0], made_of, TEXTS)


def test_what_is_missing_is_said_at_once(tmp_path: Path) -> None:
    """Without the settings that it needs nothing is written, and all of them are named."""
    refused = run(tmp_path / "rung.zip")
    assert refused.returncode == 2
    assert all(name in refused.stderr for name in ("MICROSOFT_APP_ID", "COMPANY_NAME", "COMPANY_URL"))
    assert not (tmp_path / "rung.zip").exists()


@pytest.mark.parametrize("app", ["rung", f"{APP}0", f"{{{APP}}}", "00000000-0000-4000-8000-00000000000g"])
def test_an_app_id_that_is_none(tmp_path: Path, app: str) -> None:
    """For what is no id of Microsoft's nothing is written, and a sentence says where it is to be found."""
    refused = run(tmp_path / "rung.zip", MICROSOFT_APP_ID=app, COMPANY_NAME="Example Inc.", COMPANY_URL=PAGE)
    assert refused.returncode == 2
    assert "MICROSOFT_APP_ID must be an id like" in refused.stderr
    assert "Application (client) ID" in refused.stderr
    assert not (tmp_path / "rung.zip").exists()
