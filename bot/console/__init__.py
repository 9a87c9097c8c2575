"""The terminal: talk to the coach with no server, and ask it from scripts."""
