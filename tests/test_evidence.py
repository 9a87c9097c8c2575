"""What people write as evidence: kept as they meant it, and whole where it can be."""

from __future__ import annotations

import pytest

from handlers.evidence import written


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("rolled\u00a0out\u2009to\u3000all", "rolled out to all"),
        ("one\u2028two\u2029three\nfour", "one\ntwo\nthree\nfour"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\ufeffsafe\u202etxt\u2066\u200b\x07\x85", "safetxt"),
    ],
)
def test_what_is_written_keeps_its_words_apart_and_its_letters_joined(typed: str, kept: str) -> None:
    """A space of any kind is one, joiners stay, and controls and direction overrides go."""
    assert written(typed) == kept
