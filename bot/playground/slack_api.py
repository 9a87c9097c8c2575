"""Slack as the bot calls it: the methods of the Web API, response URLs and uploads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from bot.playground import cast
from bot.playground.clock import MovableClock
from bot.playground.slack_side import (
    BOT_ID,
    BOT_USER,
    MOST_BLOCKS,
    MOST_PROMPTS,
    MOST_VIEW_BLOCKS,
    Json,
    Message,
    Refusal,
    SlackSide,
    Upload,
    as_list,
    read_blocks,
)
from bot.playground.wire import Wire

TOKEN: Final = "xoxb-playground"  # noqa: S105 - it opens nothing but the stand-in
FILE_BYTES: Final = 4 * 1024 * 1024


class SlackApi:
    """Serves what the bot calls, over a state."""

    def __init__(self, side: SlackSide, now: MovableClock, wire: Wire) -> None:
        self._side = side
        self._now = now
        self._wire = wire
        self._methods: dict[str, Callable[[Json], Json]] = {
            "assistant.threads.setStatus": self._set_status,
            "assistant.threads.setSuggestedPrompts": self._set_suggested_prompts,
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "conversations.open": self._conversations_open,
            "conversations.history": self._conversations_history,
            "conversations.info": self._conversations_info,
            "conversations.members": self._conversations_members,
            "usergroups.users.list": self._usergroups_users_list,
            "chat.postMessage": self._chat_post_message,
            "chat.postEphemeral": self._chat_post_ephemeral,
            "chat.update": self._chat_update,
            "chat.delete": self._chat_delete,
            "chat.getPermalink": self._chat_get_permalink,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "files.getUploadURLExternal": self._files_get_upload_url,
            "files.completeUploadExternal": self._files_complete_upload,
        }

    def routes(self) -> list[web.RouteDef]:
        """The routes that the bot calls."""
        return [
            web.post("/slack/api/{method}", self._on_method),
            web.post("/slack/response/{key}", self._on_response),
            web.post("/slack/upload/{key}", self._on_upload),
        ]

    async def _on_method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        try:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refusal("not_authed")
            if method not in self._methods:
                raise Refusal("unknown_method")
            answer = {"ok": True, **self._methods[method](arguments)}
        except Refusal as refusal:
            answer = {"ok": False, "error": str(refusal)}
        except KeyError as missing:
            answer = {"ok": False, "error": "invalid_arguments", "needed": str(missing)}
        await self._wire.keep("slack", "platform", method, arguments, 200, answer)
        return web.json_response(answer)

    async def _on_response(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            self._side.respond(request.match_info["key"], body)
            status, said = 200, "ok"
        except Refusal as refusal:
            status, said = 404, str(refusal)
        await self._wire.keep("slack", "platform", "response_url", body, status, said)
        return web.Response(status=status, text=said)

    async def _on_upload(self, request: web.Request) -> web.Response:
        upload = self._side.files.get(request.match_info["key"])
        content = await request.read()
        if upload is None or len(content) > FILE_BYTES:
            return web.Response(status=404)
        upload.content = content
        shown = f"{len(content)} bytes of {request.content_type}"
        await self._wire.keep("slack", "platform", "upload_url", shown, 200, "OK")
        return web.Response(text=f"OK - {len(content)}")

    def _auth_test(self, _: Json) -> Json:
        return {"team_id": cast.ACORN.team, "team": cast.ACORN.name, "user_id": BOT_USER, "bot_id": BOT_ID}

    def _set_status(self, arguments: Json) -> Json:
        channel, thread = self._channel(arguments["channel_id"]), str(arguments["thread_ts"])
        self._side.find(channel, thread)
        self._side.say_status(channel, thread, str(arguments["status"]))
        return {}

    def _set_suggested_prompts(self, arguments: Json) -> Json:
        channel, prompts = self._channel(arguments["channel_id"]), as_list(arguments["prompts"])
        if not 0 < len(prompts) <= MOST_PROMPTS or not all(one.get("title") and one.get("message") for one in prompts):
            raise Refusal("invalid_arguments")
        # Of an agent Slack drops prompts for a thread silently.
        if not arguments.get("thread_ts"):
            self._side.prompts[channel] = [{name: str(one[name]) for name in ("title", "message")} for one in prompts]
        return {}

    def _users_info(self, arguments: Json) -> Json:
        someone = _someone(arguments["user"])
        offset = self._now().astimezone(someone.clock).utcoffset()
        user = {
            "id": someone.slack,
            "team_id": someone.company.team,
            "name": someone.key,
            "real_name": someone.name,
            "locale": someone.locale,
            "tz": someone.zone,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "deleted": False,
            "is_bot": False,
            "profile": {"real_name": someone.name, "status_emoji": "", "status_expiration": 0},
        }
        return {"user": user}

    def _conversations_open(self, arguments: Json) -> Json:
        return {"channel": {"id": _someone(arguments["users"]).direct}}

    def _conversations_info(self, arguments: Json) -> Json:
        room = cast.SLACK_ROOMS[self._channel(arguments["channel"])]
        kind = {"is_im": True} if room.person else {"is_channel": True, "name": room.name, "is_member": True}
        return {"channel": {"id": room.id, "is_private": False, "is_archived": False, **kind}}

    def _conversations_members(self, arguments: Json) -> Json:
        room = cast.SLACK_ROOMS[self._channel(arguments["channel"])]
        people = [one.slack for one in cast.IN_SLACK.values() if room.shows(one)]
        return {"members": [*people, BOT_USER], "response_metadata": {"next_cursor": ""}}

    def _usergroups_users_list(self, arguments: Json) -> Json:
        if arguments["usergroup"] not in cast.LEADS:
            raise Refusal("no_such_subteam")
        return {"users": [cast.PEOPLE[key].slack for key in cast.LEADS[arguments["usergroup"]]]}

    def _conversations_history(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel"])
        first, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        oldest = float(arguments.get("oldest") or 0)
        found = [one for one in reversed(self._side.rooms[channel]) if not one.only_for and float(one.ts) > oldest]
        more = first + limit < len(found)
        told = str(arguments.get("include_all_metadata")).lower() == "true"
        return {
            "messages": [one.as_json(metadata=told) for one in found[first : first + limit]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(first + limit) if more else ""},
        }

    def _channel(self, key: str) -> str:
        """The room of an id; a person's id stands for their conversation with the bot."""
        someone = cast.by_slack(key)
        if someone is None and key not in self._side.rooms:
            raise Refusal("channel_not_found")
        return someone.direct if someone else key

    def _chat_post_message(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel"])
        message = self._side.add(channel, BOT_USER, arguments)
        return {"channel": channel, "ts": message.ts, "message": message.as_json()}

    def _chat_post_ephemeral(self, arguments: Json) -> Json:
        channel, someone = self._channel(arguments["channel"]), _someone(arguments["user"])
        if not cast.SLACK_ROOMS[channel].shows(someone):
            raise Refusal("user_not_in_channel")
        return {"message_ts": self._side.add(channel, BOT_USER, arguments, only_for=someone.slack).ts}

    def _own(self, arguments: Json) -> Message:
        message = self._side.find(self._channel(arguments["channel"]), arguments["ts"])
        if message.only_for or message.user != BOT_USER:
            raise Refusal("cant_update_message")
        return message

    def _chat_update(self, arguments: Json) -> Json:
        message = self._own(arguments)
        message.text, message.edited = str(arguments.get("text") or ""), True
        message.blocks = read_blocks(arguments, MOST_BLOCKS)
        return {"channel": arguments["channel"], "ts": message.ts, "text": message.text}

    def _chat_delete(self, arguments: Json) -> Json:
        message = self._own(arguments)
        self._side.rooms[self._channel(arguments["channel"])].remove(message)
        return {"channel": arguments["channel"], "ts": message.ts}

    def _chat_get_permalink(self, arguments: Json) -> Json:
        message = self._side.find(self._channel(arguments["channel"]), arguments["message_ts"])
        place = f"{arguments['channel']}/p{message.ts.replace('.', '')}"
        return {"channel": arguments["channel"], "permalink": f"https://{cast.ACORN.key}.example.com/archives/{place}"}

    def _views_open(self, arguments: Json) -> Json:
        user = self._side.pull(arguments["trigger_id"])
        self._side.close_windows(user)
        return {"view": self._side.put_view(user, _as_object(arguments["view"]))}

    def _views_push(self, arguments: Json) -> Json:
        return {"view": self._side.put_view(self._side.pull(arguments["trigger_id"]), _as_object(arguments["view"]))}

    def _views_update(self, arguments: Json) -> Json:
        for stack in self._side.windows.values():
            for place, view in enumerate(stack):
                if view["id"] == arguments.get("view_id"):
                    if arguments.get("hash", view["hash"]) != view["hash"]:
                        raise Refusal("hash_conflict")
                    stack[place] = self._side.view(_as_object(arguments["view"]), view["id"])
                    return {"view": stack[place]}
        raise Refusal("not_found")

    def _views_publish(self, arguments: Json) -> Json:
        user, view = _someone(arguments["user_id"]).slack, _as_object(arguments["view"])
        held = self._side.homes.get(user)
        if held and arguments.get("hash", held["hash"]) != held["hash"]:
            raise Refusal("hash_conflict")
        read_blocks(view, MOST_VIEW_BLOCKS)
        self._side.homes[user] = self._side.view(view, held["id"] if held else "")
        return {"view": self._side.homes[user]}

    def _files_get_upload_url(self, arguments: Json) -> Json:
        if int(arguments["length"]) > FILE_BYTES:
            raise Refusal("file_upload_size_restricted")
        key = f"F0FILE{self._side.number():04}"
        self._side.files[key] = Upload(str(arguments["filename"]))
        return {"upload_url": f"{self._side.url}/slack/upload/{key}", "file_id": key}

    def _files_complete_upload(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel_id"])
        files = as_list(arguments["files"])
        for each in files:
            upload = self._side.files.get(each["id"])
            if upload is None or upload.content is None:
                raise Refusal("file_not_found")
            upload.title = str(each.get("title") or upload.name)
        shared = Message(self._side.stamp(), BOT_USER, "", thread=str(arguments.get("thread_ts") or ""))
        shared.files = [each["id"] for each in files]
        self._side.rooms[channel].append(shared)
        return {"files": files}


async def _arguments(request: web.Request) -> Json:
    """What a method was called with, as JSON or as a form."""
    if request.content_type == "application/json":
        return dict(await request.json())
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _someone(user: str) -> cast.Someone:
    someone = cast.by_slack(user)
    if someone is None:
        raise Refusal("user_not_found")
    return someone


def _as_object(value: Any) -> Json:
    """An argument that is an object; forms hold it as a text."""
    return dict(json.loads(value) if isinstance(value, str) else value)
