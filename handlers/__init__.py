"""What the coach does: words become an intent, an intent becomes a reply."""
