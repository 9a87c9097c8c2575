"""Storage behind the `Store` port."""
