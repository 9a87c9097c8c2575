"""Thumbs under an answer: which answers have them, and what was pressed.

learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content
"""

from __future__ import annotations

from typing import Any, Final, Literal

from bot.recent import Recent
from bot.teams.elements import Json
from handlers.intent import RateAnswer
from handlers.reply import Reply

MESSAGES: Final = 10_000
"""Messages of which it is remembered what they answer, while the process runs: Teams sends only their ids back."""

LOOP: Final[Json] = {"channelData": {"feedbackLoop": {"type": "default"}}}


class Rated:
    """What the messages with thumbs answer, by conversation and id."""

    def __init__(self) -> None:
        self._kinds = Recent[tuple[str, str], str](MESSAGES)

    def put(self, conversation: str, message: str, reply: Reply) -> None:
        """Remember what a message answers now."""
        key = (conversation, message)
        if reply.rated and message:
            self._kinds.put(key, reply.rated.kind)
        else:
            self._kinds.drop(key)

    def verdict(self, conversation: str, message: str | None, reaction: Literal["like", "dislike"]) -> RateAnswer:
        """The verdict on a message; an older one, or that of another process, answers something unknown."""
        about = self._kinds.get((conversation, message or "")) or "other"
        return RateAnswer.model_validate({"about": about, "helped": reaction == "like"})


def thumbs(reply: Reply) -> Json:
    """The part of a message that asks Teams to show thumbs, where the answer can be rated."""
    return LOOP if reply.rated else {}


def read_reaction(value: Any) -> Literal["like", "dislike"] | None:
    """What was pressed, or None when it was no thumb. What people write beside it is not looked at."""
    if not isinstance(value, dict) or value.get("actionName") != "feedback":
        return None
    given = value.get("actionValue")
    reaction = given.get("reaction") if isinstance(given, dict) else None
    return reaction if reaction in ("like", "dislike") else None
