"""When the coach speaks first."""
