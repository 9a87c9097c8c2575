"""Where Slack's requests come in."""

from typing import Final

PATH: Final = "/slack/events"
