"""Words into intents, in every language that has a file of cue words."""

from handlers.understand.parser import Parser

__all__ = ["Parser"]
