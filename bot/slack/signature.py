"""Whether a request comes from Slack: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier


def is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """True when the body was signed with the secret, not long ago."""
    timestamp, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (OverflowError, TypeError, ValueError):
        # The SDK raises where a time is not a number, a body not UTF-8 or a signature not ASCII: all not Slack's.
        return False
