"""What a room or a group stands in the way of, in words."""

from __future__ import annotations

from content.texts import Voice
from handlers.errors import Barred


def why_not(barred: Barred, voice: Voice) -> str:
    """Why the coach cannot do that, and what to do about it."""
    if barred.why == "no-scope" and barred.missing:
        return voice("rooms.no-scope-named", missing=barred.missing)
    return voice(f"rooms.{barred.why}")
