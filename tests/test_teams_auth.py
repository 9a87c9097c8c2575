"""Who may talk to the bot in Teams, and to whom it shows its own token."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.teams import connector as rules
from bot.teams import keys
from bot.teams.client import NoToken
from bot.teams.connector import Connector
from tests.teams import APP, TENANT, Listener, Microsoft, StandIn, developer, payload, plugged, registered, stand_in


class Secretary:
    """Counts how often the app's token is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    async def get_access_token(self, scope: str) -> str:
        """A token."""
        self.asked += 1
        return "app-token"


class World:
    """A registered bot, Microsoft's keys and a connector."""

    def __init__(self, microsoft: Microsoft, teams: StandIn, listener: Listener, client: Any) -> None:
        self.microsoft, self.teams, self.listener, self.client = microsoft, teams, listener, client
        self.secretary = Secretary()

    async def post(self, header: str | None, **changes: Any) -> int:
        """Post a message with this Authorization header; returns the status."""
        activity = payload("message_personal", **{"serviceUrl": self.teams.url, **changes})
        headers = {"Authorization": header} if header is not None else {}
        async with self.client.post("/api/messages", json=activity, headers=headers) as answer:
            return int(answer.status)

    def token(self, **claims: Any) -> str:
        """A good token, but for these claims."""
        return self.microsoft.token(self.teams.url, **claims)


@pytest.fixture(params=["botbuilder", "agents"], autouse=True)
def sdk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything here holds with either of Microsoft's SDKs."""
    monkeypatch.setenv("TEAMS_SDK", request.param)
    return str(request.param)


@pytest.fixture(scope="module")
def microsoft() -> Microsoft:
    """Keys take a moment to make."""
    return Microsoft()


@contextlib.asynccontextmanager
async def a_world(microsoft: Microsoft, **changes: Any) -> AsyncIterator[World]:
    """A world with other settings."""
    microsoft.down, microsoft.fetched = False, 0
    secretary, listener = Secretary(), Listener()
    async with microsoft.serve(), stand_in() as teams:
        settings = registered(**changes)
        gate = Connector(settings, keys_url=f"{microsoft.url}metadata", credentials=secretary)
        async with plugged(listener, settings, connector=gate) as client:
            world = World(microsoft, teams, listener, client)
            world.secretary = secretary
            yield world


@pytest.fixture
async def world(microsoft: Microsoft) -> AsyncIterator[World]:
    """A single-tenant app."""
    async with a_world(microsoft) as made:
        yield made


async def test_good_token_is_answered_with_the_apps_own_token(world: World) -> None:
    """A message that Microsoft signed is answered, and the answer carries the app's token."""
    assert await world.post(world.token()) == 200
    assert [call.authorization for call in world.teams.calls] == ["Bearer app-token"]


async def test_app_token_is_asked_for_once(world: World) -> None:
    """Ten messages need one token."""
    for number in range(10):
        assert await world.post(world.token(), id=f"m{number}") == 200
    assert len(world.teams.calls) == 10
    assert world.secretary.asked == 1


def _hour(hours: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)


def _unsigned(claims: dict[str, Any], *, alg: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"Bearer {part({'alg': alg, 'kid': 'key-1'})}.{part(claims)}."


BAD_CLAIMS = {
    "expired": {"exp": _hour(-1)},
    "not yet valid": {"nbf": _hour(1)},
    "another app": {"aud": "00000000-0000-4000-8000-0000000000cc"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"},
    "no issuer": {"iss": ""},
    "another service URL": {"serviceurl": "https://smba.trafficmanager.net/emea/"},
    "no service URL": {"serviceurl": None},
    "unknown key": {"kid": "key-9"},
    "no key": {"kid": None},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
async def test_wrong_claims_are_refused(world: World, claims: dict[str, Any]) -> None:
    """A token with a wrong claim gets 401, and nobody is asked for an answer."""
    assert await world.post(world.token(**claims)) == 401
    assert not world.listener.turns
    assert not world.teams.calls


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic abc", "Bearer a b", "bearer ä.ö.ü"],
)
async def test_garbage_is_refused(world: World, header: str | None) -> None:
    """No header, or one that holds no token, gets 401."""
    assert await world.post(header and header.encode().decode("latin-1")) == 401
    assert not world.listener.turns


async def test_forged_tokens_are_refused(world: World) -> None:
    """Tokens signed with another key, with the public key as a password, or not at all get 401."""
    claims = jwt.decode(world.token().removeprefix("Bearer "), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "key-1"})
    public = world.microsoft.keys["key-1"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = _unsigned(claims, alg="HS256").rstrip(".")
    mac = hmac.digest(pem, signed.removeprefix("Bearer ").encode(), "sha256")
    for header in (
        f"Bearer {forged}",
        f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        _unsigned(claims, alg="none"),
        world.token()[:-4] + "AAAA",
    ):
        assert await world.post(header) == 401
    assert not world.listener.turns


async def test_other_tenants_are_refused(world: World) -> None:
    """A good token for an activity of another tenant, of two tenants or of none gets 403."""
    stranger = "00000000-0000-4000-8000-0000000000ff"
    talk = {"conversationType": "personal", "id": "a:1"}
    for changes in (
        {"channelData": {"tenant": {"id": stranger}}, "conversation": talk | {"tenantId": stranger}},
        {"channelData": {"tenant": {"id": stranger}}},
        {"channelData": {}, "conversation": talk},
        {"channelData": None, "conversation": talk},
    ):
        assert await world.post(world.token(), **changes) == 403
    assert not world.listener.turns


async def test_listed_tenants_are_let_in(microsoft: Microsoft) -> None:
    """A multi-tenant app answers the tenants on its list, and no other."""
    async with a_world(microsoft, microsoft_app_type="MultiTenant", teams_tenants=(TENANT.upper(),)) as world:
        assert await world.post(world.token()) == 200
    async with a_world(
        microsoft, microsoft_app_type="MultiTenant", microsoft_app_tenant_id=None, teams_tenants=("another",)
    ) as world:
        assert await world.post(world.token()) == 403


async def test_another_channel_is_refused(world: World) -> None:
    """Channels whose callers write the tenant themselves are not let in, even with a good token."""
    for channel in ("webchat", "directline", "", None):
        assert await world.post(world.token(), channelId=channel) == 401


async def test_new_key_is_picked_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token signed with a key that was published a moment ago is let in."""
    assert await world.post(world.token()) == 200
    world.microsoft.keys["key-2"] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    try:
        monkeypatch.setattr(keys, "KEYS_PAUSE_SECONDS", 0.0)
        assert await world.post(world.token(kid="key-2"), id="m2") == 200
    finally:
        del world.microsoft.keys["key-2"]


async def test_forged_keys_do_not_make_the_bot_fetch_again_and_again(world: World) -> None:
    """Twenty unknown keys cost no more than one look."""
    for number in range(20):
        assert await world.post(world.token(kid=f"forged-{number}")) == 401
    assert world.microsoft.fetched == 1


async def test_without_microsofts_keys_everyone_is_refused(microsoft: Microsoft) -> None:
    """When the keys cannot be fetched, calls are refused, and the keys are asked for once, not by every call."""
    async with microsoft.serve(), stand_in() as teams:
        microsoft.down, microsoft.fetched = True, 0
        gate = Connector(registered(), keys_url=f"{microsoft.url}metadata", credentials=Secretary())
        async with plugged(Listener(), registered(), connector=gate) as client:
            for _ in range(5):
                header = {"Authorization": microsoft.token(teams.url)}
                activity = payload("message_personal", serviceUrl=teams.url)
                assert (await client.post("/api/messages", json=activity, headers=header)).status == 401
        assert microsoft.fetched == 1


HOSTS = {
    "https://smba.trafficmanager.net/emea/": True,
    "https://smba.trafficmanager.net:443/emea/": True,
    "https://smba.infra.gcc.teams.microsoft.com/amer": True,
    "https://canary.botapi.skype.com/amer/": True,
    "http://smba.trafficmanager.net/emea/": False,
    "https://smba.trafficmanager.net:8443/emea/": False,
    "https://smba.trafficmanager.net.example.com/": False,
    "https://evil.trafficmanager.net/": False,
    "https://evilbotframework.com/": False,
    "https://smba.trafficmanager.net@example.com/": False,
    "https://user@smba.trafficmanager.net/": False,
    "https://example.com/smba.trafficmanager.net": False,
    "http://127.0.0.1:9/": False,
    "http://localhost/": False,
    "file:///etc/passwd": False,
    "https://[": False,
    "": False,
}


@pytest.mark.parametrize(("url", "known"), HOSTS.items())
async def test_token_goes_to_microsoft_only(url: str, known: bool) -> None:
    """The app's token is shown to Microsoft's hosts over https, and to nobody else."""
    gate = Connector(registered(rung_dev=False), credentials=Secretary())
    if known:
        assert await gate.token(url) == "app-token"
    else:
        with pytest.raises(rules.Refused):
            await gate.token(url)


async def test_open_bot_calls_nobody_but_microsoft_and_this_machine() -> None:
    """Without authentication too, an activity cannot send the bot to another host."""
    listener = Listener()
    async with plugged(listener, developer()) as client:
        for url in ("http://192.0.2.1/", "https://example.com/", "http://127.0.0.1.example.com/", "http://0.0.0.0:1/"):
            answer = await client.post("/api/messages", json=payload("message_personal", serviceUrl=url))
            assert answer.status == 403
    assert not listener.turns


async def test_open_bot_keeps_to_its_list_of_tenants() -> None:
    """A list of tenants counts for a developer's bot as well."""
    async with stand_in() as teams, plugged(Listener(), developer(teams_tenants=("another",))) as client:
        answer = await client.post("/api/messages", json=payload("message_personal", serviceUrl=teams.url))
        assert answer.status == 403


@pytest.mark.parametrize("changes", [{"rung_dev": False}, {"host": "0.0.0.0"}])
def test_bot_without_an_app_opens_on_the_loopback_only(changes: dict[str, Any]) -> None:
    """Without an app id, Teams opens for developers on the loopback, or not at all."""
    with pytest.raises(ValueError, match="MICROSOFT_APP_ID"):
        Connector(developer(**changes))


class Login:
    """Microsoft's login service, in the place of the transport that MSAL uses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], status: int = 200) -> None:
        self.asked: list[requests.PreparedRequest] = []
        self.answer, self.status = answer, status
        monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", lambda _, request, **how: self.reply(request))

    def reply(self, request: requests.PreparedRequest) -> requests.Response:
        """The metadata of a tenant, or a token for whoever shows the right secret."""
        self.asked.append(request)
        made = requests.Response()
        made.status_code, body = 200, self.answer
        tenant = str(request.url).split("/")[3]
        base = f"https://login.microsoftonline.com/{tenant}"
        if request.method == "GET":
            ends = ("authorization", "token", "devicecode")
            body = {f"{name}_endpoint": f"{base}/oauth2/v2.0/{name}" for name in ends} | {
                "issuer": f"{base}/v2.0",
                "metadata": [],
            }
        else:
            made.status_code = self.status
        made._content = json.dumps(body).encode()
        made.request, made.url = request, str(request.url)
        return made

    @property
    def tokens(self) -> list[requests.PreparedRequest]:
        """The requests for a token."""
        return [each for each in self.asked if each.method == "POST"]


TOKEN_URL = "https://smba.trafficmanager.net/emea/"
GOOD = {"access_token": "app-token", "expires_in": 3600, "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("changes", "tenant"),
    [({}, TENANT), ({"microsoft_app_type": "MultiTenant", "teams_tenants": ("a",)}, "botframework.com")],
)
async def test_the_apps_own_token(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], tenant: str) -> None:
    """A single-tenant app asks its own tenant for its token, a multi-tenant app the common one, once for many."""
    login = Login(monkeypatch, GOOD)
    gate = Connector(registered(**changes))
    assert [await gate.token(TOKEN_URL) for _ in range(3)] == ["app-token"] * 3
    (asked,) = login.tokens
    assert str(asked.url) == f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    form = parse_qs(asked.body if isinstance(asked.body, str) else (asked.body or b"").decode())
    assert (form["client_id"], form["scope"]) == ([APP], ["https://api.botframework.com/.default"])
    assert form["client_secret"] == ["secret"]


async def test_a_refused_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """When Microsoft takes the secret no more, the code of its refusal is told, and no secret."""
    Login(monkeypatch, {"error": "invalid_client", "error_description": "AADSTS7000215: wombat"}, status=401)
    gate = Connector(registered())
    with structlog.testing.capture_logs() as logs, pytest.raises(NoToken) as raised:
        await gate.token(TOKEN_URL)
    assert isinstance(raised.value.__cause__, PermissionError)
    assert str(raised.value.__cause__) == "invalid_client"
    assert "secret" not in f"{logs} {raised.value}"


async def test_a_login_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """While Microsoft's login is out of reach there is no token, which is not taken for a refusal."""

    def down(self: object, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", down)
    with pytest.raises(NoToken) as raised:
        await Connector(registered()).token(TOKEN_URL)
    assert not isinstance(raised.value.__cause__, PermissionError)


async def test_a_token_of_another_channel(microsoft: Microsoft) -> None:
    """A key that Microsoft does not endorse for Teams opens no door, however good its signature is."""
    async with a_world(microsoft) as world:
        microsoft.keys["web-only"] = microsoft.keys["key-1"]
        try:
            assert await world.post(world.token(kid="web-only")) == 401
        finally:
            del microsoft.keys["web-only"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:3978"}, 200),
        ({"Host": "rung.example.com"}, 403),
        ({"X-Forwarded-For": "203.0.113.7"}, 403),
        ({"Forwarded": "for=203.0.113.7"}, 403),
    ],
)
async def test_without_an_app_only_this_machine_is_answered(headers: dict[str, str], status: int):
    """A developer's open door stays shut for requests that a proxy passed on or that name another host."""
    async with stand_in() as teams, plugged(Listener(), developer()) as client:
        activity = payload("message_personal", serviceUrl=teams.url)
        async with client.post("/api/messages", json=activity, headers=headers) as answer:
            assert answer.status == status
