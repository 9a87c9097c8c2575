"""Clients of Slack and Teams that others wrote, and how Rung's real process is put in front of them."""
