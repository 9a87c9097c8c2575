"""Two web processes and two workers over one PostgreSQL, killed and restarted while people talk and nudges are due."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import io
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp

from bot.store.sql import SqlStore
from handlers.turn import Person, Place
from scheduler.letters import OPEN, State
from tests.ports import free_port
from tests.slack import SECRET, Slack, payload, running, signed
from tests.test_stop import HERE, nobody, prepare, states

TALKERS = 160
DUE = 5
"""As many as `prepare` makes due."""

AT_ONCE = 8
RETRIES = 60
"""How often a message is offered that nobody took; a balancer goes from one process to the next at once."""


@dataclass
class House:
    """The processes of one installation, each of which can be ended and started again."""

    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one, such as `web-1`, where it was."""
        command = name.split("-")[0]
        port = self.ports.setdefault(name, free_port()) if command == "web" else 0
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "bot", command],
            env=self.environment | {"PORT": str(port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def end(self, name: str, *, gently: bool) -> None:
        """End one; told to, it must end by itself and without an error."""
        process = self.processes[name]
        process.terminate() if gently else process.kill()
        code = await asyncio.to_thread(process.wait, 40)
        assert (code == 0) is gently

    async def ready(self, name: str) -> None:
        """Wait until a web process answers."""
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{self.ports[name]}/readyz") as found:
                        if found.status == 200:
                            return
                await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def house(database: str, slack: Slack) -> AsyncIterator[House]:
    """Two of each, ready."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MICROSOFT_"))}
    settings = {
        "DATABASE_URL": database,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_API_URL": f"{slack.url}/api/",
        "SLACK_PER_MINUTE": "120",
        "QUIET_HOURS": "0-0",
    }
    one = House(clean | settings)
    try:
        for name in ("web-1", "web-2", "worker-1", "worker-2"):
            one.start(name)
        for name in ("web-1", "web-2"):
            await one.ready(name)
        yield one
    finally:
        for process in one.processes.values():
            process.kill()
            process.wait()


async def say(slack: Slack, place: House, number: int, taken: dict[int, str]) -> None:
    """A person's message, offered to one process after the other until one takes it, as a balancer would."""
    body = payload("message_im", user=f"U{number}", channel=f"DT{number}", ts=f"17638{number:05}.000100")
    body["event"] |= {"text": "I am a senior MLOps engineer", "event_ts": body["event"]["ts"]}
    body["event_id"] = f"Ev{number}"
    data = json.dumps(body).encode()
    for name in itertools.islice(itertools.cycle(sorted(place.ports, reverse=bool(number % 2))), RETRIES):
        url = f"http://127.0.0.1:{place.ports[name]}/slack/events"
        headers = {"Content-Type": "application/json", **signed(data)}
        with contextlib.suppress(aiohttp.ClientError):
            async with slack.http.post(url, data=io.BytesIO(data), headers=headers) as response:
                if response.status == 200:
                    taken[number] = f"{name} {place.processes[name].pid}"
                    return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody took the message of U{number}")


async def test_killed_and_restarted_under_load(postgresql_database: str) -> None:
    """What was answered is on disk, who was told to stop answers what it took, and each nudge comes once."""
    database, now = postgresql_database, datetime.datetime.now(datetime.UTC)
    await prepare(database, now)
    taken: dict[int, str] = {}
    async with running(nobody) as slack, house(database, slack) as place:
        slack.slow = 0.1
        numbers = iter(range(100, 100 + TALKERS))

        async def talk() -> None:
            for number in numbers:
                await say(slack, place, number, taken)

        talking = [asyncio.create_task(talk()) for _ in range(AT_ONCE)]

        async def until_taken(count: int) -> None:
            async with asyncio.timeout(60):
                while len(taken) < count:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

        await until_taken(TALKERS // 4)
        killed = f"web-1 {place.processes['web-1'].pid}"
        await asyncio.gather(place.end("web-1", gently=False), place.end("worker-1", gently=False))
        place.start("web-1")
        place.start("worker-1")
        await place.ready("web-1")
        await until_taken(TALKERS // 2)
        await asyncio.gather(place.end("web-2", gently=True), place.end("worker-2", gently=True))
        place.start("web-2")
        place.start("worker-2")
        await place.ready("web-2")
        await asyncio.gather(*talking)
        asked = {f"DT{number}" for number, by in taken.items() if by != killed}
        async with asyncio.timeout(120), slack.changed:
            await slack.changed.wait_for(lambda: asked <= {post["channel"] for post in slack.posts})
        async with asyncio.timeout(120):
            while (found := await states(database)).keys() & OPEN or sum(found.values()) < DUE:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        posts = Counter(post["channel"] for post in slack.posts)
    assert len(taken) == TALKERS
    assert found == {State.SENT: DUE}
    assert {posts[f"D{number}"] for number in range(DUE)} == {1}
    store = SqlStore(database)
    for channel in posts:
        if channel.startswith("DT"):
            known = await store.recall(Person(HERE.platform, HERE.tenant, f"U{channel[2:]}"), Place(channel), now)
            assert known
            assert (known.profile.role, known.profile.level) == ("mlops-engineer", "senior")
    await store.close()
