"""Two thumbs under an answer that can be rated (https://docs.slack.dev/reference/block-kit/blocks/context-actions-block).

Slack has them in messages only, and we in a person's own conversation only: a room would have one pair for all.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack import limits
from bot.slack.blocks import Unit, unit
from bot.slack.elements import BlockKit, plain_text
from bot.slack.press import button_id, button_value
from bot.text import one_line
from content.texts import Voice
from handlers.intent import RateAnswer
from handlers.reply import Reply


@dataclass(frozen=True, slots=True)
class Feedback:
    """What can be said of an answer: the packed verdicts and what they are called."""

    good: str
    bad: str
    good_label: str
    bad_label: str


def feedback_on(reply: Reply, voice: Voice) -> Feedback | None:
    """What can be said of a reply, or None when it cannot be rated."""
    if reply.rated is None:
        return None
    good, bad = (
        button_value(RateAnswer.model_validate({"about": reply.rated.kind, "helped": helped}))
        for helped in (True, False)
    )
    return Feedback(good, bad, voice("rate.good"), voice("rate.bad"))


def thumbs(feedback: Feedback, number: int) -> Unit:
    """The two of them; `number` is unique in its reply."""
    element = {
        "type": "feedback_buttons",
        "action_id": button_id(number),
        "positive_button": _thumb(feedback.good_label, feedback.good),
        "negative_button": _thumb(feedback.bad_label, feedback.bad),
    }
    return unit({"type": "context_actions", "elements": [element]})


def _thumb(label: str, value: str) -> BlockKit:
    return {"text": plain_text(one_line(label, limits.BUTTON_TEXT)), "value": value}
