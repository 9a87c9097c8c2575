"""What the bot is made of: every package locked by its hashes, installed as locked, and under a licence that is fit.

`python -m tests.dependencies` says what is wrong; with `--write` it prints `LICENCES.md`. Nothing of it needs a
network, so it tells nothing about vulnerabilities.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parent.parent
LOCK: Final = ROOT / "requirements.txt"
EXTRA: Final = ROOT / "requirements-agents.txt"
"""What runs with TEAMS_SDK=agents: all of the other file, and a few packages more."""
LIST: Final = ROOT / "LICENCES.md"

FIT: Final = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"),
    # Of these the packages are used as they come, and whoever runs the bot can put others in their place.
    *("LGPL-3.0-only", "MPL-2.0"),
}
"""Licences, by their SPDX names, under which the bot may be run and passed on inside a company."""

NAMES: Final = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "dual license": "Apache-2.0 OR BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""How packages without an SPDX name say their licence."""

HEAD: Final = """# Licences

The packages that Rung runs with, and their licences; those of `microsoft-agents` only with `TEAMS_SDK=agents`.
`python -m tests.dependencies --write` makes this list anew.

| package | licence |
| --- | --- |
"""


def locked(text: str) -> Iterator[tuple[Requirement, bool]]:
    """The packages of a lock file that this machine needs, and whether each has a hash."""
    for entry in re.split(r"\n(?=[a-z0-9])", text):
        found = re.match(r"([a-z0-9][^\s;\\]*)\s*(;[^\\\n]*)?", entry)
        if found:
            requirement = Requirement(found[1] + (found[2] or ""))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement, "--hash=sha256:" in entry


def licence(name: str) -> str:
    """The licence of an installed package, by SPDX names where it can be told."""
    about = metadata.metadata(name)
    said = about.get("License-Expression") or about.get("License") or ""
    if not said or "\n" in said or len(said) > 60:
        said = next((one.split("::")[-1].strip() for one in about.get_all("Classifier") or () if "License" in one), "")
    return NAMES.get(said.lower(), said)


def is_fit(said: str) -> bool:
    """Whether one of the alternatives of an expression is fit in every part."""
    alternatives = [re.split(r"\s+AND\s+", each.strip("() ")) for each in re.split(r"\s+OR\s+", said)]
    return any(FIT.issuperset(parts) for parts in alternatives)


def faults(text: str, written: str) -> Iterator[str]:
    """What is wrong with a lock file as it is installed here, and with the list of licences."""
    for requirement, hashed in locked(text):
        name = requirement.name
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield f"{name} is locked and not installed: make setup."
            continue
        if not (hashed and str(requirement.specifier) == f"=={installed}"):
            yield f"{requirement} is not locked to what is installed ({installed}), or has no hash: make lock setup."
        if not is_fit(licence(name)):
            yield f"{name} is under “{licence(name)}”: see whether that is fit, and add it to tests/dependencies.py."
        if f"| {name} | {licence(name)} |\n" not in written:
            yield f"{name} is not in LICENCES.md: python -m tests.dependencies --write > LICENCES.md"


def astray(text: str, extra: str) -> Iterator[str]:
    """What the lock file with the extra does not have as the one without it has it."""
    larger = {str(each) for each, _ in locked(extra)}
    for requirement, _ in locked(text):
        if str(requirement) not in larger:
            yield f"{requirement} is another one in {EXTRA.name}: make lock setup."


def main() -> int:
    """Say what is wrong, or print the list."""
    text = EXTRA.read_text(encoding="utf-8")
    if "--write" in sys.argv:
        print(HEAD + "".join(f"| {each.name} | {licence(each.name)} |\n" for each, _ in locked(text)), end="")
        return 0
    found = [*faults(text, LIST.read_text(encoding="utf-8")), *astray(LOCK.read_text(encoding="utf-8"), text)]
    print("\n".join(found) or f"{sum(1 for _ in locked(text))} packages are locked, installed as locked, and fit.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
