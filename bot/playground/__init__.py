"""The playground: a page with a Slack-like and a Teams-like client, and stand-ins of Slack and Teams behind them.

The bot that it plays with is the real one: nothing here imports `bot.slack` or `bot.teams`.
"""
