"""Where somebody is, by what they say of it: a time zone, its city, or a country whose clocks all agree."""

from __future__ import annotations

from content.texts import Voice
from handlers.phrase import said
from handlers.ports import Desk
from handlers.zones import all_countries, canonical, zone_of, zones_in


def find_there(typed: str, here: str | None, desk: Desk) -> str | None:
    """The zone that is meant; None where none or several may be. Who is `here` in that country already stays so."""
    country = _country(typed, desk)
    if country is None:
        return _canonical(typed)
    groups = zones_in(country, desk.now().year)
    if here and any(canonical(here) in group for group in groups):
        return canonical(here)
    if len(groups) == 1:
        return groups[0][0]
    # Where nearly all live by one clock, the country is a zone's name, too: "Portugal", "NZ".
    names = (typed, country, *(desk.voice(lang).country(country) for lang in desk.texts.languages))
    return next((found for name in names if (found := _canonical(name))), None)


def _canonical(typed: str) -> str | None:
    found = zone_of(typed)
    return canonical(found) if found else None


def which_there(typed: str, desk: Desk, voice: Voice) -> str:
    """What is said where no zone is found: there is none, or the country has several."""
    if country := _country(typed, desk):
        return voice("nudges.which-city", country=voice.country(country))
    return voice("nudges.odd-zone", zone=said(typed) or "?")


def is_country_there(typed: str, desk: Desk) -> bool:
    """Whether a country is named, and not only a zone or a city."""
    return _country(typed, desk) is not None


def _country(typed: str, desk: Desk) -> str | None:
    """The code of a country by its code or its name in any language of the coach."""
    typed = typed.strip()
    if typed.upper() in all_countries():
        return typed.upper()
    voices = [desk.voice(lang) for lang in desk.texts.languages]
    names = ((code, voice.country(code)) for code in sorted(all_countries()) for voice in voices)
    return next((code for code, name in names if name.casefold() == typed.casefold()), None)
