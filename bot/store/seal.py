"""The tokens of workspaces, encrypted: the only place that encrypts and decrypts."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableError(Exception):
    """None of the keys fits, or it was sealed for somebody else."""


class Seal:
    """The first key seals, every one opens. What was sealed for one tenant does not open for another."""

    def __init__(self, keys: Sequence[str]) -> None:
        fitting = [Fernet(key) for key in keys]
        self._first, self._every = fitting[0], MultiFernet(fitting)

    def close(self, tenant: str, secret: str) -> str:
        """The secret, sealed."""
        return self._first.encrypt(f"{tenant} {secret}".encode()).decode()

    def open(self, tenant: str, sealed: str) -> str:
        """The secret again. UnreadableError."""
        try:
            whose, _, secret = self._every.decrypt(sealed).decode().partition(" ")
        except InvalidToken as error:
            raise UnreadableError from error
        if whose != tenant:
            raise UnreadableError
        return secret

    def is_old(self, sealed: str) -> bool:
        """Whether another key than the first one sealed it."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return True
        return False


def make_key() -> str:
    """A new key."""
    return Fernet.generate_key().decode()
