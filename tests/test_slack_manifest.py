"""The manifest of the Slack app: what the code does is declared in it, and nothing else; Slack takes it."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.client import WebClient

from bot.slack import limits, manifest
from bot.slack.payload import well_formed
from bot.slack.shortcut import read_shortcut, read_start
from bot.text import MORE
from content.load import load
from tests.slack import DATA, payload

ROOT = Path(__file__).parent.parent
TEXTS = load().texts
ADDRESS = "https://rung.example.com"
CODE = {
    path.name: ast.parse(path.read_text(encoding="utf-8"))
    for path in (ROOT / "bot" / "slack").glob("*.py")
    if path.name != "manifest.py"
}
OFFICIAL = set(re.findall(r"\.api_call\(\s*\"([a-zA-Z.]+)\"", inspect.getsource(WebClient)))
"""Every method of the Web API that Slack's own client knows."""

MADE = [manifest.make_manifest(TEXTS.voice(lang), address) for lang in TEXTS.languages for address in (ADDRESS, None)]


def strings() -> Iterator[str]:
    """Every string that stands in the code."""
    for tree in CODE.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def kinds() -> set[str]:
    """Every type that the code looks for in what comes in."""
    found = set()
    for name in ("admission.py", "inbound.py", "listeners.py", "payload.py", "shortcut.py"):
        for node in ast.walk(CODE[name]):
            if isinstance(node, ast.MatchMapping):
                for key, value in zip(node.keys, node.patterns, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "type":
                        found |= {one.value for one in ast.walk(value) if isinstance(one, ast.Constant)}
    return found


def texts(value: Any) -> Iterator[str]:
    """Every string in a manifest."""
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts(one)
        case list():
            for one in value:
                yield from texts(one)


def sized(part: Mapping[str, Any], key: str, most: int, least: int = 1) -> Iterator[str]:
    """The key of a text that is too long or too short."""
    if not least <= len(part[key]) <= most:
        yield key


def faults(made: Mapping[str, Any]) -> Iterator[str]:
    """What Slack would refuse, by the limits of https://github.com/slackapi/manifest-schema."""
    about, features, settings = made["display_information"], made["features"], made["settings"]
    yield from sized(about, "name", limits.APP_NAME)
    yield from sized(about, "description", limits.APP_DESCRIPTION)
    yield from sized(about, "long_description", limits.APP_LONG_DESCRIPTION, limits.APP_LONG_DESCRIPTION_LEAST)
    yield from sized(features["bot_user"], "display_name", limits.BOT_NAME)
    yield from sized(features["agent_view"], "agent_description", limits.AGENT_DESCRIPTION)
    yield from sized(features["agent_view"], "suggested_prompts", limits.AGENT_PROMPTS)
    yield from sized(features, "slash_commands", limits.COMMANDS)
    yield from sized(features, "shortcuts", limits.SHORTCUTS)
    for command in features["slash_commands"]:
        yield from sized(command, "command", limits.COMMAND, 2)
        yield from sized(command, "description", limits.COMMAND_DESCRIPTION)
        yield from sized(command, "usage_hint", limits.COMMAND_HINT)
        if not re.fullmatch(r"/[a-z0-9_-]+", command["command"]):
            yield "command"
    for shortcut in features["shortcuts"]:
        yield from sized(shortcut, "name", limits.SHORTCUT_NAME)
        yield from sized(shortcut, "description", limits.SHORTCUT_DESCRIPTION)
        yield from sized(shortcut, "callback_id", limits.CALLBACK_ID)
    scopes, events = made["oauth_config"]["scopes"]["bot"], settings["event_subscriptions"]["bot_events"]
    for name, listed, most in (("scopes", scopes, limits.BOT_SCOPES), ("events", events, limits.BOT_EVENTS)):
        if not 0 < len(listed) <= most or len(set(listed)) < len(listed) or not all(listed):
            yield name
    if any(len(event) > limits.EVENT_NAME for event in events):
        yield "events"
    places = (*features["slash_commands"], settings["event_subscriptions"], settings["interactivity"])
    urls = [url for part in places for name, url in part.items() if name in ("url", "request_url")]
    if len(urls) != (0 if settings["socket_mode_enabled"] else len(places)):
        yield "addresses"
    if not all(url.startswith("https://") and len(url) <= limits.REQUEST_URL for url in urls):
        yield "addresses"
    if {"agent_view", "assistant_view"} <= features.keys():
        yield "two sorts of assistant"


@pytest.mark.parametrize("made", MADE)
def test_slack_takes_it(made: dict[str, Any]) -> None:
    """Every text keeps its limit without being cut, and addresses stand in it unless the bot has none."""
    assert list(faults(made)) == []
    assert not [text for text in texts(made) if MORE in text]


def test_for_many_workspaces() -> None:
    """An app that workspaces install themselves has the way back, and what its tokens and organizations need; nothing
    else differs."""
    install = f"{ADDRESS}/slack/oauth_redirect"
    one = manifest.make_manifest(TEXTS.voice("en"), ADDRESS)
    many = manifest.make_manifest(TEXTS.voice("en"), ADDRESS, install=install)
    assert many["oauth_config"].pop("redirect_urls") == [install]
    for switch in ("org_deploy_enabled", "token_rotation_enabled"):
        assert (one["settings"].pop(switch), many["settings"].pop(switch)) == (False, True)
    assert one == many
    assert list(faults(manifest.make_manifest(TEXTS.voice("en"), ADDRESS, install=install))) == []


def test_what_slack_would_refuse_is_seen() -> None:
    """The check of the limits notices what breaks them."""
    for broken in ({"name": "x" * 36}, {"description": ""}, {"long_description": "short"}):
        made = manifest.make_manifest(TEXTS.voice("en"), ADDRESS)
        made["display_information"] |= broken
        assert list(faults(made)) == list(broken)
    made = manifest.make_manifest(TEXTS.voice("en"), ADDRESS)
    del made["settings"]["interactivity"]["request_url"]
    assert list(faults(made)) == ["addresses"]


def test_every_method_is_covered_by_a_scope() -> None:
    """Whatever the code calls stands in the table of methods, and nothing else does; all are methods of Slack."""
    called = {text for text in strings() if text in OFFICIAL}
    assert called == manifest.METHODS.keys()


def test_scopes_are_those_of_methods_and_events() -> None:
    """No scope is asked for that nothing needs, and none is missing."""
    needed = {scope for scope in (*chain(*manifest.METHODS.values()), *manifest.EVENTS.values()) if scope}
    assert set(MADE[0]["oauth_config"]["scopes"]["bot"]) == needed | {"commands"}


def test_every_event_is_listened_to_and_declared() -> None:
    """The events that the code looks for are those of the manifest."""
    bodies = [json.loads(path.read_text()) for path in DATA.glob("*.json")]
    envelopes = {body["type"] for body in bodies if "type" in body and well_formed(body)}
    unasked = {"url_verification", "app_rate_limited"}  # about the subscription itself
    declared = {event.split(".")[0] for event in MADE[0]["settings"]["event_subscriptions"]["bot_events"]}
    assert kinds() - envelopes - unasked == declared


def test_the_command_is_the_one_that_people_are_told() -> None:
    """The command of the manifest is the only one in the coach's sentences but for Slack's own, and it is answered."""
    told = set()
    for path in (ROOT / "content" / "texts").glob("*.yaml"):
        told |= set(re.findall(r"(?<![\w/])/[a-z]+", path.read_text(encoding="utf-8")))
    commands = {command["command"] for command in MADE[0]["features"]["slash_commands"]}
    assert told == commands | {"/invite"}
    assert all(well_formed({**payload("slash"), "command": command}) for command in commands)


def test_every_shortcut_is_answered() -> None:
    """Each shortcut of the manifest is read, and one that is not in it is not."""
    readers = {"message": (read_shortcut, payload("shortcut")), "global": (read_start, payload("find_level"))}
    for shortcut in MADE[0]["features"]["shortcuts"]:
        read, recorded = readers[shortcut["type"]]
        assert read({**recorded, "callback_id": shortcut["callback_id"]}, "T1")
    assert {shortcut["type"] for shortcut in MADE[0]["features"]["shortcuts"]} == readers.keys()
    for read, recorded in readers.values():
        assert read({**recorded, "callback_id": "another"}, "T1") is None


def test_buttons_and_the_home_tab_are_on() -> None:
    """What is pressed is reported, and the Home tab that the code fills is there."""
    for made in MADE:
        assert made["settings"]["interactivity"]["is_enabled"]
        assert made["features"]["app_home"]["home_tab_enabled"]
        assert not made["features"]["app_home"]["messages_tab_read_only_enabled"]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "bot", "manifest", "slack", *words]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def test_the_command_prints_it() -> None:
    """The command prints the manifest of the settings as JSON; the hook of Slack's tool prints one for a socket."""
    printed = run(PUBLIC_URL=f"{ADDRESS}/")
    assert json.loads(printed.stdout) == manifest.make_manifest(TEXTS.voice("en"), ADDRESS)
    hook = json.loads((ROOT / ".slack" / "hooks.json").read_text())["hooks"]["get-manifest"].split()
    assert hook[:5] == [".venv/bin/python", "-m", "bot", "manifest", "slack"]
    assert json.loads(run(*hook[5:]).stdout) == manifest.make_manifest(TEXTS.voice("en"), None)


def test_the_command_prints_it_for_many() -> None:
    """With the switch, or once there is a client id, the manifest is for many workspaces; it needs an address."""
    many = manifest.make_manifest(TEXTS.voice("en"), ADDRESS, install=f"{ADDRESS}/slack/oauth_redirect")
    assert json.loads(run("--many", PUBLIC_URL=ADDRESS).stdout) == many
    assert json.loads(run(PUBLIC_URL=ADDRESS, SLACK_CLIENT_ID="1.2").stdout) == many
    refused = run("--many", "--socket-mode")
    assert refused.returncode == 2
    assert "PUBLIC_URL" in refused.stderr


def test_a_missing_address_is_said_in_a_sentence() -> None:
    """Without an address and without Socket Mode nothing is printed, and it is said what to set."""
    refused = run()
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "PUBLIC_URL" in refused.stderr
    assert "Traceback" not in refused.stderr
