"""A file for a person: Teams puts it into their OneDrive once they agree. In personal chats only.

learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bot.teams import limits
from bot.teams.elements import DATA, Json
from bot.text import one_line
from handlers.intent import Intent, pack, unpack
from handlers.reply import File

_CONSENT = "application/vnd.microsoft.teams.card.file.consent"
_INFO = "application/vnd.microsoft.teams.card.file.info"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Upload(_Model):
    """Where Teams wants a file to be put; the address holds the right to do so."""

    upload_url: str = Field(max_length=4000)
    content_url: str = Field(max_length=4000)
    name: str = Field(max_length=400)
    unique_id: str = Field(default="", max_length=200)
    file_type: str = Field(default="", max_length=40)


class Consent(_Model):
    """What a person answered to the offer of a file. pydantic.ValidationError for a value of another shape."""

    action: Literal["accept", "decline"]
    context: Any = None
    upload_info: Upload | None = None


def offer(file: File, asked: Intent) -> Json:
    """A message that offers a file. It carries what makes the file anew, and nothing of what is in it."""
    context = {DATA: {"intent": json.loads(pack(asked)), "file": file.name}}
    content = {
        "description": one_line(file.label, limits.SUMMARY),
        "sizeInBytes": len(file.content.encode()),
        "acceptContext": context,
        "declineContext": {},
    }
    name = one_line(file.name, limits.LABEL)
    return {"type": "message", "attachments": [{"contentType": _CONSENT, "name": name, "content": content}]}


def read_offer(context: Any) -> tuple[Intent, str]:
    """What makes the file of an offer anew, and its name. ValueError for the offer of somebody else."""
    try:
        ask = context[DATA]
        return unpack(ask["intent"]), str(ask["file"])
    except (LookupError, RecursionError, TypeError) as error:
        raise ValueError("not an offer of ours") from error


def handed_over(upload: Upload) -> Json:
    """A message that shows the file where it lies now."""
    attachment = {
        "contentType": _INFO,
        "contentUrl": upload.content_url,
        "name": upload.name,
        "content": {"uniqueId": upload.unique_id, "fileType": upload.file_type},
    }
    return {"type": "message", "attachments": [attachment]}
