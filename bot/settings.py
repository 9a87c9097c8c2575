"""The environment, read once. A platform whose credentials are absent is off."""

from __future__ import annotations

import base64
import ipaddress
import re
from importlib.util import find_spec
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from handlers.lateness import Quiet
from handlers.team_records import LEAST, MINIMUM_GROUP
from handlers.turn import Person

Page = Annotated[str, Field(pattern=r"^https://\S+$", max_length=2048)]
"""The address of a page that people may read."""

_GUID = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"


class Settings(BaseSettings):
    """Everything an operator can set, by environment variable or in a `.env` file."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3978
    worker_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    public_url: Annotated[str | None, Field(pattern=r"^https://[^/\s?#]+$")] = None
    database_url: SecretStr = SecretStr("sqlite:///rung.db")
    retention_days: Annotated[int, Field(ge=1)] = 730
    works_council: bool = False
    nudge_late_hours: Annotated[int, Field(ge=1, le=72)] = 12
    nudge_in_doubt: Literal["rather-not", "rather-twice"] = "rather-not"
    quiet_hours: Annotated[str, Field(pattern=r"^\d{1,2}-\d{1,2}$")] = "20-7"
    slack_per_minute: Annotated[int, Field(ge=1, le=3000)] = 300
    teams_per_second: Annotated[int, Field(ge=1, le=200)] = 30
    managers: Annotated[frozenset[Person] | None, NoDecode] = None
    minimum_group: Annotated[int, Field(ge=LEAST)] = MINIMUM_GROUP
    person_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60
    otel_exporter_otlp_endpoint: Annotated[str | None, Field(pattern=r"^https?://\S+$")] = None
    rung_dev: bool = False

    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(default=())
    uninstall_days: Annotated[int, Field(ge=1)] = 30
    slack_api_url: str = "https://slack.com/api/"

    microsoft_app_id: Annotated[str, Field(pattern=_GUID)] | None = None
    microsoft_app_password: SecretStr | None = None
    microsoft_app_tenant_id: str | None = None
    microsoft_app_type: Literal["SingleTenant", "MultiTenant"] = "SingleTenant"
    teams_sdk: Literal["botbuilder", "agents"] = "botbuilder"
    company_name: Annotated[str, Field(max_length=32)] | None = None
    company_url: Page | None = None
    privacy_url: Page | None = None
    terms_url: Page | None = None
    teams_tenants: Annotated[tuple[str, ...], NoDecode] = Field(default=())

    @field_validator("teams_tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Tenant ids come as one comma-separated variable."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        """Keys come as one comma-separated variable. ValueError for one that is none, without repeating it."""
        if not isinstance(value, str):
            return value
        keys = tuple(filter(None, map(str.strip, value.split(","))))
        if not all(map(_is_key, keys)):
            raise ValueError("no key")
        return keys

    @field_validator("managers", mode="before")
    @classmethod
    def _read_managers(cls, value: object) -> object:
        """`open`, which is None, or people and groups as platform/tenant/id, separated by commas."""
        if not isinstance(value, str) or value.strip().casefold() == "open":
            return None if isinstance(value, str) else value
        listed = frozenset(_manager(each.strip()) for each in value.split(",") if each.strip())
        if not listed:
            raise ValueError("nobody")
        return listed

    @field_validator("database_url")
    @classmethod
    def _is_address(cls, value: SecretStr) -> SecretStr:
        """A database's address; the error does not repeat it."""
        from bot.store.engine import database_url

        database_url(value.get_secret_value())
        return value

    @field_validator("public_url", mode="before")
    @classmethod
    def _has_no_end(cls, value: object) -> object:
        """An address is the same with a slash in the end."""
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        """Two hours of a day."""
        if any(int(hour) > 23 for hour in value.split("-")):
            raise ValueError("no such hour")
        return value

    @property
    def quiet(self) -> Quiet:
        """The quiet hours in minutes."""
        start, end = map(int, self.quiet_hours.split("-"))
        return Quiet(start * 60, end * 60)

    @property
    def embedded(self) -> bool:
        """Whether the database is a file, which is for one process."""
        return self.database_url.get_secret_value().startswith("sqlite")

    @property
    def slack_on(self) -> bool:
        """Slack answers when there is any Slack credential."""
        return bool(self.slack_signing_secret or self.slack_bot_token or self.slack_app_token or self.slack_many)

    @property
    def slack_many(self) -> bool:
        """Whether Slack is for many workspaces, which install the app by OAuth."""
        return bool(self.slack_client_id or self.slack_client_secret)

    @property
    def teams_on(self) -> bool:
        """Teams answers with an app id, or open on the loopback for developers."""
        return bool(self.microsoft_app_id) or self.rung_dev

    @property
    def on_loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        return _is_loopback(self.host)

    def faults(self) -> tuple[str, ...]:
        """What keeps the bot from serving people, all at once: one sentence each, with what to do."""
        return tuple(sentence for wrong, sentence in self._rules() if wrong)

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        has_app = bool(self.microsoft_app_id)
        return (
            (
                self.slack_on and not (self.slack_bot_token or self.slack_many),
                "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions.",
            ),
            *self._rules_of_many(),
            (
                self.slack_on and not (self.slack_signing_secret or self.slack_app_token),
                "SLACK_SIGNING_SECRET is missing: copy it from Basic Information (for requests over HTTP), "
                "or set SLACK_APP_TOKEN (xapp-…) for Socket Mode.",
            ),
            (
                has_app and not self.microsoft_app_password,
                "MICROSOFT_APP_PASSWORD is missing: make a client secret under Certificates & secrets.",
            ),
            (
                has_app and self.microsoft_app_type == "SingleTenant" and not self.microsoft_app_tenant_id,
                "MICROSOFT_APP_TENANT_ID is missing: copy the Directory (tenant) ID of the app registration.",
            ),
            (
                has_app and self.microsoft_app_type == "MultiTenant" and not self.teams_tenants,
                "TEAMS_TENANTS is missing: list the tenant ids that may talk to the bot, separated by commas.",
            ),
            (
                bool(self.microsoft_app_password) and not has_app,
                "MICROSOFT_APP_ID is missing: copy the Application (client) ID of the app registration.",
            ),
            (
                self.teams_on and self.teams_sdk == "agents" and find_spec("microsoft_agents") is None,
                "TEAMS_SDK=agents needs the Microsoft 365 Agents SDK: "
                "python -m pip install --require-hashes -r requirements-agents.txt",
            ),
            (
                self.rung_dev and not self.on_loopback,
                f"RUNG_DEV=1 opens what is closed to others, so HOST must be 127.0.0.1 and not {self.host}.",
            ),
            (
                not _is_safe(self.slack_api_url),
                "SLACK_API_URL must be https, because the token goes there; http is for this machine only.",
            ),
        )

    def _rules_of_many(self) -> tuple[tuple[bool, str], ...]:
        """What Slack for many workspaces needs."""
        many, place = self.slack_many, "copy it from Basic Information → App Credentials."
        return (
            (
                many and bool(self.slack_bot_token),
                "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are for many that "
                "install the app themselves: leave out the one or the others.",
            ),
            (many and not self.slack_client_id, f"SLACK_CLIENT_ID is missing: {place}"),
            (many and not self.slack_client_secret, f"SLACK_CLIENT_SECRET is missing: {place}"),
            (
                many and not self.encryption_keys,
                "ENCRYPTION_KEYS is missing: `python -m bot key` makes one, under which the tokens of the workspaces "
                "are kept. Keep a copy of it elsewhere.",
            ),
            (
                many and not self.public_url,
                "PUBLIC_URL is missing: set the https address under which people install the app and Slack leads "
                "them back.",
            ),
        )


def _is_key(written: str) -> bool:
    """Whether it has the form of a key of Fernet: 32 bytes in Base64 for addresses."""
    try:
        return len(base64.b64decode(written, altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False


def _manager(written: str) -> Person:
    """A person or a group as `slack/T0001/U0001`; ids are written as the platform writes them. ValueError."""
    platform, *ids = written.split("/")
    tenant, user = ids
    if platform == "slack" and _SLACK_TENANT.fullmatch(tenant) and _SLACK_MANAGER.fullmatch(user):
        return Person(platform, tenant, user)
    if platform == "teams" and tenant and user:
        # Microsoft's own pages show these ids in capitals here and there; those with a prefix keep theirs.
        return Person(platform, tenant.lower(), user if ":" in user else user.lower())
    raise ValueError("neither Slack nor Teams")


_SLACK_TENANT = re.compile("[TE][A-Z0-9]+")
_SLACK_MANAGER = re.compile("[UWS][A-Z0-9]+")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_safe(address: str) -> bool:
    """Whether what is sent to an address can be read by nobody on the way."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    except ValueError:
        return False


_EXPECTED = {
    "port": "a number from 0 to 65535",
    "worker_port": "a number from 0 to 65535",
    "otel_exporter_otlp_endpoint": "like http://127.0.0.1:4318",
    "public_url": "like https://rung.example.com, without a path",
    "retention_days": "a number from 1",
    "database_url": "like sqlite:///rung.db or postgresql://user@host/name",
    "works_council": "0 or 1",
    "nudge_late_hours": "a number from 1 to 72",
    "nudge_in_doubt": "rather-not or rather-twice",
    "quiet_hours": "two hours from 0 to 23, like 20-7",
    "slack_per_minute": "a number from 1 to 3000",
    "person_per_minute": "a number from 1 to 6000",
    "teams_per_second": "a number from 1 to 200",
    "managers": "open, or people and user groups like slack/T0001/U0001,slack/T0001/S0001,teams/tenant-id/user-id",
    "encryption_keys": "keys as `python -m bot key` makes them, separated by commas",
    "uninstall_days": "a number from 1",
    "minimum_group": f"a number from {LEAST}",
    "rung_dev": "0 or 1",
    "company_name": "at most 32 characters",
    **dict.fromkeys(("company_url", "privacy_url", "terms_url"), "like https://example.com/page"),
    "microsoft_app_id": "an id like 00000000-0000-4000-8000-000000000000: copy the Application (client) ID of the "
    "app registration",
    "microsoft_app_type": "SingleTenant or MultiTenant",
    "teams_sdk": "botbuilder or agents",
}


def read_settings(*, serving: bool = True) -> Settings:
    """The settings of this process. ValueError with one sentence a line when they do not fit together.

    Those of the platforms count only for a process that is `serving` people there.
    """
    faults: tuple[str, ...] = ()
    wrong: dict[str, str] = {}
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = {str(item["loc"][0]): item["msg"] for item in error.errors(include_input=False) if item["loc"]}
        faults = tuple(f"{name.upper()} must be {_EXPECTED.get(name, reason)}." for name, reason in wrong.items())
        # The defaults stand in for what is wrong, so that what is missing beside it is named as well.
        settings = Settings(**{name: Settings.model_fields[name].default for name in wrong})
    if serving:
        faults += tuple(each for each in settings.faults() if each.partition(" ")[0].lower() not in wrong)
    if faults:
        raise ValueError("\n".join(faults))
    return settings
