"""Our own id of a message that nobody asked for, kept beside it as Slack's message metadata. Pure.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LETTER: Final = "rung_letter"


def metadata(mark: str) -> dict[str, Any]:
    """The metadata of a message."""
    return {"event_type": LETTER, "event_payload": {"mark": mark}}


def read_mark(message: Mapping[str, Any]) -> str:
    """The mark of a message, or nothing."""
    match message.get("metadata"):
        case {"event_type": "rung_letter", "event_payload": {"mark": str(mark)}}:
            return mark
    return ""
