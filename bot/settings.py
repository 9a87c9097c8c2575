"""The environment, read once. A platform whose credentials are absent is off."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Everything an operator can set, by environment variable or in a `.env` file."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = 3978
    database_url: str = "sqlite:///rung.db"
    rung_dev: bool = False

    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"

    microsoft_app_id: str | None = None
    microsoft_app_password: SecretStr | None = None
    microsoft_app_tenant_id: str | None = None
    microsoft_app_type: Literal["SingleTenant", "MultiTenant"] = "SingleTenant"
    teams_tenants: Annotated[tuple[str, ...], NoDecode] = Field(default=())

    @field_validator("teams_tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Tenant ids come as one comma-separated variable."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @property
    def slack_on(self) -> bool:
        """Slack answers when there is any Slack credential."""
        return bool(self.slack_signing_secret or self.slack_bot_token or self.slack_app_token)

    @property
    def teams_on(self) -> bool:
        """Teams answers with an app id, or open on the loopback for developers."""
        return bool(self.microsoft_app_id) or self.rung_dev

    @property
    def on_loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
