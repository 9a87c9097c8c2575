"""Where Slack's requests come in, and where people install the app."""

from typing import Final

PATH: Final = "/slack/events"
INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"
"""Slack leads back to it from its own page."""
