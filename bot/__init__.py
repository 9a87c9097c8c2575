"""The process and its plugs: settings, server, platforms, terminal and store."""
