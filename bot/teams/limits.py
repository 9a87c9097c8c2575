"""What Teams takes, in one table; documentation pages disagree, so each number is safe under all of them."""

from __future__ import annotations

CARD_BYTES = 28_000
"""UTF-8 bytes of one card's JSON. A bot's message may have about 100 KB in UTF-16; webhooks stop at 28 KB."""

ACTIONS = 6
"""Buttons on one card, as the store's rules have it."""

TEXT = 1_500
"""Characters in one text element; longer texts go on in the next element."""

LABEL = 80
"""Characters on a button, in a choice or in an input's label."""

SUMMARY = 200
"""Characters in a notification."""

CHOICES = 100
"""Choices in one picker."""

COLUMNS = 5
"""Columns of a table that can still be read; wider ones are written row by row."""

BARS = 4
"""Bars of one stacked chart; Teams' renderer refuses more."""

BODY_BYTES = 256 * 1024
"""Bytes of an incoming activity; Teams itself stops people at about 100 KB."""

WORDS = 4_000
"""Characters of a person's message that are read."""

ACK_SECONDS = 5.0
"""How long a request waits for its answer to be sent. Teams gives up after 15 s and may deliver again."""

INVOKE_SECONDS = 2.5
"""How long an invoke waits for its work; Teams tells the person that something went wrong after a few seconds more."""

PREVIEW = 120
"""Characters of a result's one line; Teams shows two short lines of it."""

MEMBERS = 500
"""People on one page of those in a conversation, as many as Teams gives."""

MEMBERS_PAGES = 200

PATIENCE_SECONDS = 60.0
"""How long an answer may wait for a connector that is busy or cannot be reached."""

CALL_SECONDS = 8.0
"""How long one call to the connector may take."""

UPLOAD_SECONDS = 30.0
"""How long a file may take on its way to a person's OneDrive."""

APP_NAME = 30
"""Characters of the app's name. Those of the app's manifest, as its schema has them, begin here."""
APP_FULL_NAME = 100
APP_DESCRIPTION = 80
APP_LONG_DESCRIPTION = 4_000
DEVELOPER = 32
COMMAND = 128
COMMAND_DESCRIPTION = 4_000
SEARCH = 32
SEARCH_DESCRIPTION = 128
