"""Whether there is a browser to test with."""

from __future__ import annotations

import os
import shutil

MISSING = "no chromium here: install Debian's package `chromium`, or name another one in CHROMIUM"


def find_chromium() -> str | None:
    """The chromium of this machine, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def is_browser_needed() -> bool:
    """Whether going without a browser is a failure, as it is where everything is to be tested."""
    return bool(os.environ.get("RUNG_NEEDS_BROWSER"))
