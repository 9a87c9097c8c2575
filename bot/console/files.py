"""Files of a reply, written into a folder."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path, PurePath

from handlers.reply import File

_ODD = re.compile(r"[^\w.()+-]+")
MOST_NAME = 100
"""Characters of a file's name; file systems take 255 bytes."""


def save(file: File, folder: Path) -> Path:
    """Write a file for its owner's eyes; where there is one already, it stays and the name gets a number. OSError."""
    name = PurePath(_ODD.sub("-", file.name)[-MOST_NAME:].lstrip(".-") or "rung")
    for number in itertools.count(1):
        path = folder / (name.name if number == 1 else f"{name.stem}-{number}{name.suffix}")
        try:
            target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        break
    with os.fdopen(target, "wb") as opened:
        opened.write(file.content.encode())
    return path
