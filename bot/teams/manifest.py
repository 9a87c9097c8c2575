"""The app package for Teams: manifest, languages and icons in one archive. Pure.

https://learn.microsoft.com/microsoft-365/extensibility/schema/
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.teams import icons, limits
from bot.teams.extension import SEARCH, WORDS
from bot.text import one_line
from content.texts import Texts, Voice

SCHEMA: Final = "1.30"
"""The newest schema of manifests; slash commands came with 1.29."""

_SCHEMAS: Final = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}"

PERSONAL: Final = ("level", "next", "overview", "milestones", "packet", "nudge", "roles", "privacy", "help")
SHARED: Final = ("skill", "roles", "levels", "help")
"""The commands that Teams suggests, by the key of their texts; what people then send are the words of their titles."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that the same app is the same bytes."""


@dataclass(frozen=True, slots=True)
class Developer:
    """Who runs the app, as people see it: a name, and the pages about it, about privacy and about the terms."""

    name: str
    website: str
    privacy: str
    terms: str


def make_package(app_id: str, version: str, developer: Developer, texts: Texts) -> bytes:
    """The archive that is uploaded to Teams; the same bytes for the same app."""
    first, *others = (texts.voice(lang) for lang in sorted(texts.languages, key=lambda lang: (lang != "en", lang)))
    files = {
        "manifest.json": _json(_manifest(app_id, version, developer, first, others)),
        **{_file(voice): _json(_localization(voice)) for voice in others},
        "color.png": icons.draw_colour(),
        "outline.png": icons.draw_outline(),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            package.writestr(entry, content)
    return archive.getvalue()


def _manifest(app_id: str, version: str, developer: Developer, voice: Voice, others: list[Voice]) -> dict[str, Any]:
    languages = [{"languageTag": each.lang, "file": _file(each)} for each in others]
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": version,
        "id": app_id,
        "developer": {
            "name": one_line(developer.name, limits.DEVELOPER),
            "websiteUrl": developer.website,
            "privacyUrl": developer.privacy,
            "termsOfUseUrl": developer.terms,
        },
        "localizationInfo": {"defaultLanguageTag": voice.lang, "additionalLanguages": languages},
        "name": {"short": _name(voice), "full": _full_name(voice)},
        "description": {"short": _short(voice), "full": _full(voice)},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": icons.ACCENT,
        "defaultInstallScope": "personal",
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team", "groupChat"],
                "supportsFiles": True,
                "supportsTargetedMessages": True,
                "commandLists": [
                    {"scopes": ["personal"], "commands": [_command(voice, key) for key in PERSONAL]},
                    {
                        "scopes": ["team", "groupChat"],
                        "triggers": ["mention", "slash"],
                        "commands": [_command(voice, key) for key in SHARED],
                    },
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": app_id,
                "composeExtensionType": "botBased",
                "commands": [
                    {
                        "id": SEARCH,
                        "type": "query",
                        "context": ["compose"],
                        "initialRun": True,
                        **_search(voice),
                        "parameters": [{"name": WORDS, "inputType": "text", **_search_words(voice)}],
                    }
                ],
            }
        ],
        "validDomains": [],
    }


def _localization(voice: Voice) -> dict[str, Any]:
    """The texts of the manifest in another language, each under its place there."""
    commands = {
        f"bots[0].commandLists[{place}].commands[{number}].{part}": text
        for place, keys in enumerate((PERSONAL, SHARED))
        for number, key in enumerate(keys)
        for part, text in _command(voice, key).items()
    }
    search = "composeExtensions[0].commands[0]"
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": _name(voice),
        "name.full": _full_name(voice),
        "description.short": _short(voice),
        "description.full": _full(voice),
        **commands,
        **{f"{search}.{part}": text for part, text in _search(voice).items()},
        **{f"{search}.parameters[0].{part}": text for part, text in _search_words(voice).items()},
    }


def _search(voice: Voice) -> dict[str, str]:
    return {
        "title": one_line(voice("teams.search.title"), limits.SEARCH),
        "description": one_line(voice("teams.search.about"), limits.SEARCH_DESCRIPTION),
    }


def _search_words(voice: Voice) -> dict[str, str]:
    return {
        "title": one_line(voice("teams.search.words"), limits.SEARCH),
        "description": one_line(voice("teams.search.words-about"), limits.SEARCH_DESCRIPTION),
    }


def _command(voice: Voice, key: str) -> dict[str, str]:
    return {
        "title": one_line(voice(f"teams.command.{key}.title"), limits.COMMAND),
        "description": one_line(voice(f"teams.command.{key}.about"), limits.COMMAND_DESCRIPTION),
    }


def _name(voice: Voice) -> str:
    return one_line(voice("app.name"), limits.APP_NAME)


def _full_name(voice: Voice) -> str:
    return one_line(f"{voice('app.name')}: {voice('app.short')}", limits.APP_FULL_NAME)


def _short(voice: Voice) -> str:
    return one_line(voice("app.short"), limits.APP_DESCRIPTION)


def _full(voice: Voice) -> str:
    return one_line(voice("app.long"), limits.APP_LONG_DESCRIPTION)


def _file(voice: Voice) -> str:
    return f"{voice.lang}.json"


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
