"""Where somebody is, by what they say of it: a time zone, its city, or a country whose clocks all agree."""

from __future__ import annotations

from content.texts import Voice
from handlers.phrase import said
from handlers.ports import Desk
from handlers.zones import all_countries, zone_of, zones_in


def find_there(typed: str, here: str | None, desk: Desk) -> str | None:
    """The zone that is meant; None where none or several may be. Who is `here` in that country already stays so."""
    if found := zone_of(typed):
        return found
    country = _country(typed, desk)
    groups = zones_in(country, desk.now().year) if country else ()
    if any(here in group for group in groups):
        return here
    return groups[0][0] if len(groups) == 1 else None


def which_there(typed: str, desk: Desk, voice: Voice) -> str:
    """What is said where no zone is found: there is none, or the country has several."""
    if country := _country(typed, desk):
        return voice("nudges.which-city", country=voice.country(country))
    return voice("nudges.odd-zone", zone=said(typed) or "?")


def is_country_there(typed: str, desk: Desk) -> bool:
    """Whether a country is named, and no zone or city."""
    return zone_of(typed) is None and _country(typed, desk) is not None


def _country(typed: str, desk: Desk) -> str | None:
    """The code of a country by its code or its name in any language of the coach."""
    typed = typed.strip()
    if typed.upper() in all_countries():
        return typed.upper()
    voices = [desk.voice(lang) for lang in desk.texts.languages]
    names = ((code, voice.country(code)) for code in sorted(all_countries()) for voice in voices)
    return next((code for code, name in names if name.casefold() == typed.casefold()), None)
