"""The tables of what is installed where by OAuth, and of installations under way. They are about nobody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Integer, PrimaryKeyConstraint, Table

from bot.store.columns import Instant, Kept, Words, column, metadata


def _column(name: str, kind: Any, en: str, de: str, *, needed: bool = False) -> Column[Any]:
    return column(name, kind, en, de, Kept.INSTALLATION, needed=needed)


installation = Table(
    "installation",
    metadata,
    _column("platform", Words(), "The platform", "Die Plattform", needed=True),
    _column(
        "tenant",
        Words(),
        "Where the app is installed: the workspace, or the organization as a whole",
        "Wo die App installiert ist: im Workspace oder in der Organisation als Ganzes",
        needed=True,
    ),
    _column("enterprise", Words(), "The organization, where there is one", "Die Organisation, falls es eine gibt"),
    _column(
        "team",
        Words(),
        "The workspace; empty where the whole organization has the app",
        "Der Workspace; leer, wenn die ganze Organisation die App hat",
    ),
    _column(
        "org_wide",
        Boolean(),
        "Whether the whole organization has the app",
        "Ob die ganze Organisation die App hat",
        needed=True,
    ),
    _column(
        "bot_token",
        Words(),
        "The token of the app there, encrypted; erased when the app goes",
        "Das Token der App dort, verschlüsselt; gelöscht, sobald die App geht",
    ),
    _column(
        "refresh_token",
        Words(),
        "What is exchanged for the next token, encrypted",
        "Was gegen das nächste Token getauscht wird, verschlüsselt",
    ),
    _column("expires_at", Instant(), "Until when the token is good", "Bis wann das Token gilt"),
    _column("bot_id", Words(), "The app's own id there", "Die eigene Kennung der App dort"),
    _column("bot_user", Words(), "The app's own user there", "Der eigene Nutzer der App dort"),
    _column("scopes", Words(), "What the app may do there", "Was die App dort darf"),
    _column("installed_at", Instant(), "When the app was installed", "Wann die App installiert wurde"),
    _column(
        "gone_at",
        Instant(),
        "When the app was uninstalled, to erase what people told there later",
        "Wann die App entfernt wurde, um später zu löschen, was Menschen dort gesagt haben",
    ),
    _column(
        "version",
        Integer(),
        "Counts the changes of the token, so that of two exchanges at once one is kept",
        "Zählt die Änderungen des Tokens, damit von zwei gleichzeitigen Tauschen einer bleibt",
        needed=True,
    ),
    _column(
        "busy_until",
        Instant(),
        "Until when nobody else exchanges the token",
        "Bis wann niemand sonst das Token tauscht",
    ),
    _column(
        "trouble",
        Words(),
        "Why the platform did not exchange the token, in its own code",
        "Weshalb die Plattform das Token nicht getauscht hat, als deren Code",
    ),
    PrimaryKeyConstraint("platform", "tenant", name="installation_pkey"),
)

oauth_state = Table(
    "oauth_state",
    metadata,
    column(
        "key",
        Words(),
        "A fingerprint of the random word that an installation under way is known by",
        "Ein Fingerabdruck des zufälligen Worts, an dem eine begonnene Installation erkannt wird",
        Kept.STATE,
        needed=True,
    ),
    column("until", Instant(), "Until when it counts", "Bis wann es gilt", Kept.STATE, needed=True),
    PrimaryKeyConstraint("key", name="oauth_state_pkey"),
)
