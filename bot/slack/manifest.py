"""The manifest of the Slack app: all that its settings page has to know, from the same constants as the code. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from bot.slack import limits
from bot.slack.agent import prompts
from bot.slack.path import PATH
from bot.slack.shortcut import FIND_MY_LEVEL, SAVE_AS_EVIDENCE
from bot.text import one_line
from content.texts import Voice

COMMAND: Final = "/skill"

EVENTS: Final[Mapping[str, str | None]] = {
    "app_context_changed": None,
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "message.im": "im:history",
    "tokens_revoked": None,
    "user_change": "users:read",
}
"""The events that the listeners answer, and the scope without which Slack does not report each."""

_CHANNELS: Final = ("channels:read", "groups:read")
"""For public and for private ones."""

METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "apps.connections.open": (),
    "assistant.threads.setStatus": ("assistant:write",),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "auth.test": (),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("im:history",),
    "conversations.info": _CHANNELS,
    "conversations.members": _CHANNELS,
    "conversations.open": ("im:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""The methods that the code calls, and the scopes that each needs (https://docs.slack.dev/reference/methods)."""

_ALWAYS: Final = "commands"
"""The scope of slash commands and shortcuts."""

SCOPES: Final = tuple(sorted({_ALWAYS, *filter(None, EVENTS.values()), *chain(*METHODS.values())}))
"""What the bot may do in a workspace: what it needs for its events and methods, and no more."""


def make_manifest(voice: Voice, address: str | None, *, install: str | None = None) -> dict[str, Any]:
    """The manifest for a bot at a public address, or without one for Socket Mode.

    With `install`, the address that Slack leads back to after an installation, it is for many workspaces.
    """
    many = install is not None
    redirect = {"redirect_urls": [install]} if many else {}
    at = f"{address}{PATH}" if address else None
    url = {"url": at} if at else {}
    request_url = {"request_url": at} if at else {}
    return {
        "display_information": {
            "name": one_line(voice("app.name"), limits.APP_NAME),
            "description": one_line(voice("app.short"), limits.APP_DESCRIPTION),
            "long_description": one_line(voice("app.long"), limits.APP_LONG_DESCRIPTION),
        },
        "features": {
            "agent_view": {
                "agent_description": one_line(voice("slack.agent.about"), limits.AGENT_DESCRIPTION),
                "suggested_prompts": prompts(voice),
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": one_line(voice("app.name"), limits.BOT_NAME), "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    **url,
                    "description": one_line(voice("slack.command.about"), limits.COMMAND_DESCRIPTION),
                    "usage_hint": one_line(voice("slack.command.hint"), limits.COMMAND_HINT),
                    "should_escape": True,
                }
            ],
            "shortcuts": [
                {
                    "name": one_line(voice("slack.shortcut.name"), limits.SHORTCUT_NAME),
                    "type": "message",
                    "callback_id": SAVE_AS_EVIDENCE,
                    "description": one_line(voice("slack.shortcut.about"), limits.SHORTCUT_DESCRIPTION),
                },
                {
                    "name": one_line(voice("slack.start.name"), limits.SHORTCUT_NAME),
                    "type": "global",
                    "callback_id": FIND_MY_LEVEL,
                    "description": one_line(voice("slack.start.about"), limits.SHORTCUT_DESCRIPTION),
                },
            ],
        },
        "oauth_config": {**redirect, "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": many,
            "socket_mode_enabled": not address,
            # The token that an operator copies into a setting has to stay good.
            "token_rotation_enabled": many,
        },
    }
