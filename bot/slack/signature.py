"""Whether a request comes from Slack: https://docs.slack.dev/authentication/verifying-requests-from-slack.

The SDK's own verifier raises where a timestamp is not a number or a body is not UTF-8.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

SECONDS: Final = 5 * 60
"""How far a signature's time may be from ours."""


def is_signed(secret: bytes, body: bytes, headers: Mapping[str, str], now: float) -> bool:
    """True when the body was signed with the secret, not long ago."""
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20):
        return False
    if abs(now - int(timestamp)) > SECONDS:
        return False
    expected = hmac.digest(secret, b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hex()
    given = headers.get("X-Slack-Signature", "")
    return hmac.compare_digest(f"v0={expected}".encode(), given.encode(errors="replace"))
