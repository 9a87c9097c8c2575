"""The one table of Slack's limits. Numbers are characters unless their name says otherwise.

Where no source is given: https://docs.slack.dev/reference/block-kit, the page of the block or object.
"""

from __future__ import annotations

from typing import Final

MESSAGE_BLOCKS: Final = 50
MESSAGE_TABLES: Final = 1
"""A second table is refused with `only_one_table_allowed`."""
MESSAGE_SIZE: Final = 12_000
"""Of all blocks of a message as JSON, without the options of menus. Slack refuses somewhat over 13,200 with
`msg_blocks_too_long` (https://github.com/slackapi/bolt-js/issues/2509); what it counts is not documented."""
MESSAGE_TEXT: Final = 4_000
"""The plain-text form; advised at https://docs.slack.dev/reference/methods/chat.postMessage."""

REPLY_MESSAGES: Final = 5
"""Messages of one reply: a `response_url` works five times
(https://docs.slack.dev/interactivity/handling-user-interaction)."""

HISTORY: Final = 100
"""Messages looked through at once; Slack shortens that to 15 for apps sold outside its marketplace
(https://docs.slack.dev/reference/methods/conversations.history)."""
HISTORY_PAGES: Final = 5

MEMBERS: Final = 200
"""People of a channel looked up at once (https://docs.slack.dev/apis/web-api/pagination advises it)."""
MEMBERS_PAGES: Final = 500

VIEW_BLOCKS: Final = 100
VIEW_SIZE: Final = 250_000
"""Bytes of a whole view (https://docs.slack.dev/surfaces/modals)."""
VIEW_TITLE: Final = 24
"""The labels of its buttons have the same limit."""
VIEW_METADATA: Final = 3_000
CALLBACK_ID: Final = 255

HEADER: Final = 150
TEXT: Final = 3_000
"""Of a text object; rich text elements have no documented limit and keep to the same one."""
CONTEXT_TEXT: Final = 2_000
CONTEXT_ELEMENTS: Final = 10
CONTEXT_ACTIONS_ELEMENTS: Final = 5
INPUT_LABEL: Final = 2_000
INPUT_TEXT: Final = 3_000
"""Of what is written into a plain_text_input."""

ACTIONS_ELEMENTS: Final = 25
ACTION_ID: Final = 255
BLOCK_ID: Final = 255
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000

PLACEHOLDER: Final = 150
OPTIONS: Final = 100
OPTION_GROUPS: Final = 100
OPTION_GROUP_LABEL: Final = 75
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150

TABLE_ROWS: Final = 100
"""The header row counts."""
TABLE_COLUMNS: Final = 20
TABLE_TEXT: Final = 10_000
"""Of all cells together."""

APP_NAME: Final = 35
"""Those of the app's manifest (https://github.com/slackapi/manifest-schema) begin here."""
APP_DESCRIPTION: Final = 140
APP_LONG_DESCRIPTION: Final = 4_000
APP_LONG_DESCRIPTION_LEAST: Final = 175
BOT_NAME: Final = 80
AGENT_DESCRIPTION: Final = 300
AGENT_PROMPTS: Final = 4
COMMAND: Final = 32
COMMAND_DESCRIPTION: Final = 2_000
COMMAND_HINT: Final = 1_000
COMMANDS: Final = 50
SHORTCUT_NAME: Final = 24
SHORTCUT_DESCRIPTION: Final = 150
SHORTCUTS: Final = 10
BOT_SCOPES: Final = 255
BOT_EVENTS: Final = 100
EVENT_NAME: Final = 50
REQUEST_URL: Final = 3_000
