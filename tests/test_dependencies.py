"""What the bot is made of is looked at: locks, installed versions, licences."""

from __future__ import annotations

import json

import pytest

from tests.clients import FOREIGN
from tests.dependencies import EXTRA, LIST, LOCK, astray, faults, is_fit, licence, locked

TEXT, WRITTEN = EXTRA.read_text(encoding="utf-8"), LIST.read_text(encoding="utf-8")
PLAIN = LOCK.read_text(encoding="utf-8")


def test_all_is_well() -> None:
    """Every package is locked, installed as locked, under a licence that is fit, and listed."""
    assert list(faults(TEXT, WRITTEN)) == []


def test_the_extra_is_the_rest_and_a_little_more() -> None:
    """With the Agents SDK everything else is locked to the same versions; without it nothing of it is installed."""
    assert list(astray(PLAIN, TEXT)) == []
    more = {each.name for each, _ in locked(TEXT)} - {each.name for each, _ in locked(PLAIN)}
    assert more
    assert all(name.startswith("microsoft-agents-") for name in more)
    assert any("another one" in fault for fault in astray("structlog==0.0.1 \\\n    --hash=sha256:00\n", TEXT))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("structlog==0.0.1 \\\n    --hash=sha256:00\n", "not locked to what is installed"),
        (f"structlog=={__import__('structlog').__version__}\n", "has no hash"),
        ("no-such-package-as-this==1.0 \\\n    --hash=sha256:00\n", "not installed"),
    ],
)
def test_what_is_wrong_is_said(broken: str, said: str) -> None:
    """Another version, a missing hash and a package that is not there are each told."""
    assert any(said in fault for fault in faults(broken, WRITTEN))


def test_a_licence_that_is_not_listed() -> None:
    """A package that is new has to be listed."""
    assert any("LICENCES.md" in fault for fault in faults(TEXT, WRITTEN.replace("| structlog |", "| other |")))


def test_the_clients_that_others_wrote_are_locked() -> None:
    """Each package that they are made of is locked by its hash, and the lock names no host to fetch it from."""
    packages = json.loads((FOREIGN / "package-lock.json").read_text())["packages"]
    own = packages.pop("")
    assert own["dependencies"] == json.loads((FOREIGN / "package.json").read_text())["dependencies"]
    assert packages
    for about in packages.values():
        assert about["integrity"].startswith("sha512-")
        assert "resolved" not in about


@pytest.mark.parametrize(
    ("said", "fit"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("AGPL-3.0", False),
        ("", False),
    ],
)
def test_licences(said: str, fit: bool) -> None:
    """One alternative is enough, every part of it counts, and an unknown one is not fit."""
    assert is_fit(said) is fit
    assert licence("structlog")
