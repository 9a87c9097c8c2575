"""What a pressed button, a chosen entry or a sent form asks, whatever the platform."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.intent import Intent


@dataclass(frozen=True, slots=True)
class Press:
    """What was asked by pressing, and whether everyone in the place shall see the answer."""

    intent: Intent
    share: bool = False
    asker: str = ""
    """Whom the pressed message answered, as the message itself says: good enough for placing the answer only."""
