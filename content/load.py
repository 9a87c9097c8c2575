"""Reads the YAML files, strictly: every value is a string until a model says otherwise, doubled keys are errors."""

from __future__ import annotations

from pathlib import Path

import yaml

HERE = Path(__file__).parent


class _Strict(yaml.SafeLoader):
    """YAML without surprises: no `no` that means false, no 1.10 that means 1.1, no doubled keys."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}
