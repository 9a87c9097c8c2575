"""Containers, units and processes: what they start exists, and they are allowed no more than they need."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.__main__ import cli
from tests.ports import free_port
from tests.test_process import fetch

ROOT = Path(__file__).parent.parent
COMMANDS = set(get_command(cli).commands)  # type: ignore[attr-defined]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if name != "database"}
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def steps(name: str) -> list[str]:
    """The arguments of an instruction of the Dockerfile, each time it stands there."""
    whole = DOCKERFILE.replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in whole.splitlines() if line.startswith(f"{name} ")]


def test_the_image_has_what_the_process_needs(tmp_path: Path) -> None:
    """What the Dockerfile copies starts where nothing can be written, passes its health check, and ends when told."""
    for step in steps("COPY"):
        if not step.startswith("--from") and "requirements" not in step:
            source, _ = step.split()
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, tmp_path / source)
    port = free_port()
    environment = dict(pair.split("=", 1) for pair in re.findall(r"[A-Z_]+=\S+", steps("ENV")[0]))
    environment |= {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": str(port), "WORKER_PORT": str(port)}
    data = tmp_path / "data"
    data.mkdir()
    environment["DATABASE_URL"] = f"sqlite:///{data}/rung.db"
    for folder, _, files in os.walk(tmp_path):
        if not folder.startswith(str(data)):
            for file in files:
                (Path(folder) / file).chmod(0o444)
    before = {path for path in tmp_path.rglob("*") if data not in path.parents}
    check = json.loads(re.search(r"CMD (\[.*\])", steps("HEALTHCHECK")[0])[1])  # type: ignore[index]
    check[0] = sys.executable
    for command in ("all", "worker"):
        process = subprocess.Popen(
            [sys.executable, *json.loads(steps("ENTRYPOINT")[0])[1:], command],
            env=environment,
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert fetch(f"http://127.0.0.1:{port}/healthz") == 200
            assert subprocess.run(check, env=environment, timeout=20, check=False).returncode == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        finally:
            process.kill()
            process.communicate()
        assert subprocess.run(check, env=environment, stderr=subprocess.DEVNULL, check=False).returncode != 0
    assert {path for path in tmp_path.rglob("*") if data not in path.parents} == before


def test_the_dockerfile_keeps_to_the_rules() -> None:
    """Named versions, locked requirements, no root, no shell between the process and its signals, nothing fetched."""
    assert all(re.fullmatch(r"python:3\.\d+-slim( AS build)?", step) for step in steps("FROM"))
    assert not steps("ADD")
    assert steps("USER")[-1].split(":")[0] not in ("root", "0")
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("RUN")
    assert "--require-hashes" in DOCKERFILE
    assert all(step.startswith("[") for step in (*steps("ENTRYPOINT"), *steps("CMD")))
    assert json.loads(steps("CMD")[0])[0] in COMMANDS
    assert steps("HEALTHCHECK")
    python = re.search(r"python:(3\.\d+)", DOCKERFILE)
    assert python
    assert tuple(map(int, python[1].split("."))) >= (3, 11)


def test_the_image_gets_only_what_is_copied() -> None:
    """Everything that the Dockerfile copies is let through to it, and no secret is."""
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for step in steps("COPY") if not step.startswith("--from") for name in step.split()[:-1]}
    assert kept == copied
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("name", sorted(OURS))
def test_services(name: str) -> None:
    """Each service is a command, runs on a read-only file system without privileges, and over PostgreSQL."""
    service: dict[str, Any] = OURS[name]
    assert service["command"][0] in COMMANDS
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["environment"]["DATABASE_URL"].startswith("postgresql://")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_services_start_in_order() -> None:
    """Nobody starts before the database is up to date, and the password has no default."""
    assert set(COMPOSE["services"]) >= {"database", "migrate", "web", "worker"}
    for name in ("web", "worker"):
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert OURS["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}
    passwords = re.findall(r"\$\{POSTGRES_PASSWORD(.*?)\}", (ROOT / "compose.yaml").read_text())
    assert passwords
    assert all(each.startswith(":?") for each in passwords)


def test_the_procfile() -> None:
    """Each process of the Procfile is a command."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert {line.partition(":")[0] for line in lines} == {"web", "worker", "release"}
    assert all(line.split()[1:4] == ["python", "-m", "bot"] and line.split()[4] in COMMANDS for line in lines)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units(unit: Path, tmp_path: Path) -> None:
    """Each unit starts a command as a user of its own, and systemd finds no fault in it where it is at hand."""
    text = unit.read_text()
    commands = re.findall(r"^Exec\w+=(\S+) -m bot (\w+)$", text, re.MULTILINE)
    assert {command for _, command in commands} <= COMMANDS
    assert "User=rung" in text
    assert "ProtectSystem=strict" in text
    verify = shutil.which("systemd-analyze")
    if verify:
        # The paths of the machine that it is for are not here.
        name = unit.name.replace("@", "@1")
        (tmp_path / name).write_text(text.replace(commands[0][0], sys.executable).replace("User=rung\n", ""))
        done = subprocess.run(
            [verify, "verify", "--man=no", str(tmp_path / name)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert name not in done.stderr, done.stderr
