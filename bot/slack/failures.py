"""What a failed call to the Web API means for something unasked: try later, never again, or nobody knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.logs import as_code
from bot.slack.sending import Refused
from handlers.errors import Gone, InDoubt, TryLater

LATER_SECONDS: Final = 30.0
"""How long to wait when Slack cannot be reached, or does not say how long."""

REFUSED_SECONDS: Final = 3600.0
"""How long to wait when Slack refuses the app; an operator or an administrator has to do something first."""

FOREIGN: Final = "not_from_the_api"
"""In the place of an error's name where an answer is not the Web API's own, such as a gateway's page."""

MISSING_SCOPE: Final = "missing_scope"
"""The app may do other things there."""

UNREADABLE: Final = "token_unreadable"
"""In the place of an error's name where there is a token, but no key that opens it."""

PERSON: Final = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "user_disabled",
        "user_is_bot",
        "user_not_found",
        "user_not_visible",
    }
)
"""The person has left or cannot be written to (https://docs.slack.dev/reference/methods, of each method)."""

WORKSPACE: Final = frozenset(
    {
        "access_denied",
        "accesslimited",
        "account_inactive",
        "app_missing_action_url",
        "deprecated_endpoint",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "message_limit_exceeded",
        "messages_tab_disabled",
        "method_deprecated",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "restricted_action",
        "team_access_not_granted",
        "team_added_to_org",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
"""The app may not write to anybody there. `account_inactive` is said of the token's account, not of the person's."""

PASSING: Final = frozenset({"rate_limited", "ratelimited", "request_timeout", "service_unavailable"})
"""Slack says that it has not done what was asked, and may do it later."""

UNCLEAR: Final = frozenset({"fatal_error", "internal_error"})
"""Some of what was asked may have been done before the error came, as Slack's documentation has it."""

_SCOPE = re.compile(r"[a-z_.:]{1,60}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")

log = structlog.get_logger()


class NoConversation(Gone):
    """The conversation is not there, or not the coach's; the person may have another one."""


class NotAllowed(TryLater):
    """The app may not do that, or nothing at all; nobody in the workspace gains from further tries soon."""

    def __init__(self, why: str, missing: str = "") -> None:
        super().__init__(REFUSED_SECONDS)
        self.why = why
        self.missing = missing
        """The scope that the app would need."""


def outcome(error: SlackApiError | aiohttp.ClientError | TimeoutError) -> Exception:
    """The error that tells what a failure means."""
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return TryLater(LATER_SECONDS)
    return InDoubt(type(error).__name__)


def _of_answer(error: SlackApiError) -> Exception:
    why = reason(error)
    # Of an answer that is not JSON the SDK hands on aiohttp's response.
    status = int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0))
    if status == 429 or why in PASSING:
        return TryLater(retry_after(getattr(error.response, "headers", {})) or LATER_SECONDS)
    if why == "channel_not_found":
        return NoConversation(why)
    if why in PERSON:
        return Gone(why)
    if why in WORKSPACE:
        log.error("slack_refuses_the_app", error=why)
        return NotAllowed(why, _needed(error))
    if why == FOREIGN and 400 <= status < 500:
        return TryLater(LATER_SECONDS)
    if why == FOREIGN or why in UNCLEAR or status >= 500:
        return InDoubt(why)
    return Refused(why)


def reason(error: SlackApiError) -> str:
    """What the Web API calls the error."""
    data = getattr(error.response, "data", None)
    return as_code(data.get("error", FOREIGN)) if isinstance(data, dict) else FOREIGN


def _needed(error: SlackApiError) -> str:
    """The scope that the Web API says is missing; of several that would do, the first."""
    data = getattr(error.response, "data", None)
    needed = data.get("needed") if isinstance(data, dict) else None
    scope = needed.partition(",")[0] if isinstance(needed, str) else ""
    return scope if _SCOPE.fullmatch(scope) else ""


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Seconds; None for a header that tells none, such as a date."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    # The SDK hands on a header as a list of its values.
    said = said[0] if isinstance(said, list) else said
    return float(said) if _SECONDS.fullmatch(said) else None
