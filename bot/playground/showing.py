"""What the page shows to a person, as JSON. Pure."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Final

from bot.playground import cast
from bot.playground.slack_person import COMMAND
from bot.playground.slack_side import BOT_USER, SlackSide
from bot.playground.teams_side import BOT_ACCOUNT, TeamsSide
from bot.playground.wire import Wire

Json = dict[str, Any]

SHOWN: Final = 60
"""Messages of a room that the page shows; the rest has scrolled away."""


def show(someone: cast.Someone, slack: SlackSide, teams: TeamsSide, wire: Wire, now: datetime.datetime) -> Json:
    """Everything the page shows, but the wire."""
    return {
        "version": wire.version,
        "person": someone.key,
        "people": [
            {"key": one.key, "name": one.name, "job": one.job, "company": one.company.name, "slack": bool(one.slack)}
            for one in cast.PEOPLE.values()
        ],
        "clock": {"now": now.isoformat(), "local": now.astimezone(someone.clock).isoformat(), "zone": someone.zone},
        "slack": _show_slack(someone, slack) if someone.slack else None,
        "teams": _show_teams(someone, teams),
    }


def show_wire(wire: Wire, after: int) -> list[Json]:
    """What went over the wire after an exchange."""
    return [dataclasses.asdict(each) for each in wire.after(after)]


def _show_slack(someone: cast.Someone, side: SlackSide) -> Json:
    names = {one.slack: one.name for one in cast.IN_SLACK.values()}
    rooms = []
    for room in cast.SLACK_ROOMS.values():
        if not room.shows(someone):
            continue
        messages = [
            {
                "id": each.ts,
                "at": datetime.datetime.fromtimestamp(float(each.ts), someone.clock).isoformat(),
                "bot": each.user == BOT_USER,
                "name": names.get(each.user, cast.BOT),
                "text": each.text,
                "blocks": each.blocks,
                "thread": each.thread,
                "private": bool(each.only_for),
                "edited": each.edited,
                "files": [
                    {"key": key, "name": side.files[key].name, "title": side.files[key].title} for key in each.files
                ],
            }
            for each in side.rooms[room.id][-SHOWN:]
            if each.only_for in ("", someone.slack)
        ]
        told = {"prompts": side.prompts.get(room.id, []), "status": side.status(room.id)}
        about = {"id": room.id, "name": room.name, "shared": room.person is None}
        rooms.append({**about, "messages": messages, **told})
    return {
        "workspace": someone.company.name,
        "command": COMMAND,
        "users": [{"id": user, "name": name} for user, name in {**names, BOT_USER: cast.BOT}.items()],
        "rooms": rooms,
        "windows": side.windows.get(someone.slack, []),
        "home": side.homes.get(someone.slack),
    }


def _show_teams(someone: cast.Someone, side: TeamsSide) -> Json:
    names = {one.teams: one.name for one in cast.PEOPLE.values()}
    rooms = []
    for room in cast.TEAMS_ROOMS.values():
        if not room.shows(someone):
            continue
        messages = [
            {
                "id": each.id,
                "at": datetime.datetime.fromtimestamp(int(each.id) / 1000, someone.clock).isoformat(),
                "bot": each.sender == BOT_ACCOUNT,
                "name": names.get(each.sender, cast.BOT),
                "text": each.text,
                "attachments": each.attachments,
                "thread": each.thread,
                "private": bool(each.only_for),
                "edited": each.edited,
                "told": each.told.get(someone.teams, ""),
                "thumbs": each.thumbs and not each.only_for,
                "rated": each.rated.get(someone.teams, ""),
            }
            for each in side.rooms[room.id][-SHOWN:]
            if each.only_for in ("", someone.teams)
        ]
        rooms.append({"id": room.id, "name": room.name, "shared": room.person is None, "messages": messages})
    return {"tenant": someone.company.name, "rooms": rooms}
