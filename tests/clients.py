"""Which clients there are to test with: a browser, and those that others wrote."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

FOREIGN = Path(__file__).parent / "foreign"
MODULES = FOREIGN / "node_modules"

NO_BROWSER = "no chromium here: install Debian's package `chromium`, or name another one in CHROMIUM"
NO_FOREIGN = "no clients of others here: install Node 18 or newer with npm, then run `make clients`"


def find_chromium() -> str | None:
    """The chromium of this machine, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _are_needed() -> bool:
    """Whether going without them is a failure, as it is where everything is to be tested."""
    return bool(os.environ.get("RUNG_NEEDS_CLIENTS"))


needs_browser = pytest.mark.skipif(find_chromium() is None and not _are_needed(), reason=NO_BROWSER)
needs_foreign = pytest.mark.skipif(
    not (shutil.which("node") and MODULES.is_dir()) and not _are_needed(), reason=NO_FOREIGN
)
