"""The pages that people see who install the app: that it is there, or why not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final
from urllib.parse import urlencode

from content.texts import Texts, Voice
from handlers.document import STYLE

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

OPEN: Final = "https://slack.com/app_redirect"
"""Slack's own way to an app in a workspace (https://docs.slack.dev/interactivity/deep-linking)."""

FAILURES: Final[Mapping[str, str]] = {
    "access_denied": "denied",
    "invalid_browser": "stale",
    "invalid_code": "stale",
    "invalid_state": "stale",
    "missing_code": "stale",
    "too_many": "busy",
}
"""What went wrong, as Slack and Bolt call it, and the sentences about it; about everything else, those of `failed`."""

_WEIGHTED = re.compile(r"\s*([a-zA-Z-]{1,20}|\*)\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?")


def voice_for(texts: Texts, accepts: str) -> Voice:
    """The voice that a browser would like best, by its header Accept-Language."""
    wanted = sorted(_wanted(accepts), key=lambda one: -one[0])
    tags = (tag for weight, tag in wanted if weight > 0 and tag.split("-")[0].lower() in texts.languages)
    return texts.voice(next(tags, None))


def show_done(voice: Voice, name: str, app: str, team: str) -> str:
    """The page after an installation in a workspace or an organization of this name."""
    title = voice("slack.install.done-title", workspace=name) if name else voice("slack.install.done-title-unnamed")
    where = urlencode({"app": app, "team": team} if team else {"app": app})
    told = (voice("slack.install.done"), voice("slack.install.unasked"))
    return _page(voice, title, told, f"{OPEN}?{where}" if app else "", voice("slack.install.open"))


def show_failure(voice: Voice, reason: str, again: str) -> str:
    """The page after an installation that failed, with the way to begin again."""
    what = FAILURES.get(reason, "failed")
    told = (voice(f"slack.install.{what}"),)
    return _page(voice, voice(f"slack.install.{what}-title"), told, again, voice("slack.install.again"))


def _wanted(accepts: str) -> Iterator[tuple[float, str]]:
    for part in accepts[:500].split(","):
        if found := _WEIGHTED.fullmatch(part):
            yield float(found[2] or 1), found[1]


def _page(voice: Voice, title: str, told: tuple[str, ...], link: str, label: str) -> str:
    body = "\n".join(f"<p>{escape(sentence)}</p>" for sentence in told)
    if link:
        body += f'\n<p><a href="{escape(link)}">{escape(label)}</a></p>'
    return (
        f'<!doctype html>\n<html lang="{escape(voice.lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
