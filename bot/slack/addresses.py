"""Where the bot sends to besides the Web API: addresses that a payload or an answer names, if they are Slack's."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from typing import Final

RESPONDING: Final = re.compile(r"hooks\.slack\.com")
TAKING_FILES: Final = re.compile(r"([a-z0-9-]+\.)*slack\.com|slack-files\.com")


def is_slacks(url: str, hosts: re.Pattern[str], api: str) -> bool:
    """Whether an address is on one of Slack's hosts, or on the server that stands in for Slack's API."""
    try:
        asked, own = urllib.parse.urlsplit(url), urllib.parse.urlsplit(api)
        if asked.scheme == "https" and hosts.fullmatch(asked.hostname or ""):
            return True
        if TAKING_FILES.fullmatch(own.hostname or ""):
            return False
        same = (own.scheme, own.hostname, own.port) == (asked.scheme, asked.hostname, asked.port)
        # A stand-in on this machine may call itself by another of its names.
        return same or (_is_loopback(own.hostname) and _is_loopback(asked.hostname))
    except ValueError:
        return False


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
