"""Whether a request came from this network itself, or was passed on by a proxy from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via")


def is_passed_on(headers: Mapping[str, str]) -> bool:
    """Whether a proxy says that it passed a request on."""
    return any(name in headers for name in _PASSED_ON)
