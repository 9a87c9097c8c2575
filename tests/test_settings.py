"""The environment: what starts, what is refused, and in which words."""

from __future__ import annotations

import pytest

from bot.settings import Settings, read_settings
from bot.store.seal import make_key
from handlers.turn import Person
from tests.teams import APP

A_KEY = make_key()
ALL = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """An environment without any of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in ALL:
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_is_a_quiet_loopback_bot():
    """Without any variable the bot listens on the loopback and every platform is off."""
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 3978)
    assert not settings.slack_on
    assert not settings.teams_on


def test_all_missing_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch):
    """Every variable that is missing is named in one go, with where to find its value."""
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("MICROSOFT_APP_ID", APP)
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(ValueError, match="SLACK_BOT_TOKEN") as refused:
        read_settings()
    assert "PORT must be a number" in str(refused.value)
    assert "MICROSOFT_APP_PASSWORD" in str(refused.value)
    assert "MICROSOFT_APP_TENANT_ID" in str(refused.value)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
        ({"MICROSOFT_APP_PASSWORD": "p"}, "MICROSOFT_APP_ID"),
        (
            {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_PASSWORD": "p", "MICROSOFT_APP_TYPE": "MultiTenant"},
            "TEAMS_TENANTS",
        ),
        ({"RUNG_DEV": "1", "HOST": "0.0.0.0"}, "HOST"),
        ({"RUNG_DEV": "1", "HOST": "10.0.0.7", "MICROSOFT_APP_ID": APP, "MICROSOFT_APP_PASSWORD": "p"}, "HOST"),
        ({"MICROSOFT_APP_ID": "rung"}, "MICROSOFT_APP_ID must be an id like"),
        ({"MICROSOFT_APP_ID": f"{APP}0"}, "MICROSOFT_APP_ID must be an id like"),
        ({"TEAMS_SDK": "teams-ai"}, "TEAMS_SDK must be botbuilder or agents"),
        ({"RUNG_DEV": "1", "HOST": "rung.example.com"}, "HOST"),
        ({"SLACK_API_URL": "http://slack.example.com/api/"}, "SLACK_API_URL must be https"),
        ({"SLACK_API_URL": "http://[::1/"}, "SLACK_API_URL"),
        ({"SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID is missing"),
        ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET is missing"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "ENCRYPTION_KEYS is missing"),
        ({"SLACK_CLIENT_ID": "1.2", "ENCRYPTION_KEYS": A_KEY}, "PUBLIC_URL is missing"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_BOT_TOKEN": "xoxb"}, "SLACK_BOT_TOKEN is for one workspace"),
        ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_SIGNING_SECRET is missing"),
        ({"ENCRYPTION_KEYS": "secret"}, "ENCRYPTION_KEYS must be keys as `python -m bot key`"),
        ({"ENCRYPTION_KEYS": f"{A_KEY},{A_KEY[:-2]}"}, "ENCRYPTION_KEYS must be keys"),
        ({"UNINSTALL_DAYS": "0"}, "UNINSTALL_DAYS must be a number from 1"),
        ({"PERSON_PER_MINUTE": "0"}, "PERSON_PER_MINUTE"),
        ({"PUBLIC_URL": "http://rung.example.com"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://rung.example.com/slack"}, "PUBLIC_URL"),
        ({"COMPANY_NAME": "x" * 33}, "COMPANY_NAME must be at most 32"),
        ({"COMPANY_URL": "javascript:alert(1)"}, "COMPANY_URL must be like https"),
        ({"WORKER_PORT": "many"}, "WORKER_PORT"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"PORT": "many"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"DATABASE_URL": "mysql://me@host/rung"}, "DATABASE_URL must be like sqlite:///"),
        ({"RETENTION_DAYS": "0"}, "RETENTION_DAYS"),
        ({"MICROSOFT_APP_TYPE": "Whatever"}, "MICROSOFT_APP_TYPE"),
        ({"NUDGE_LATE_HOURS": "0"}, "NUDGE_LATE_HOURS must be a number from 1"),
        ({"NUDGE_IN_DOUBT": "maybe"}, "NUDGE_IN_DOUBT must be rather-not"),
        ({"QUIET_HOURS": "20-24"}, "QUIET_HOURS must be two hours"),
        ({"QUIET_HOURS": "at night"}, "QUIET_HOURS must be two hours"),
        ({"SLACK_PER_MINUTE": "0"}, "SLACK_PER_MINUTE"),
        ({"TEAMS_PER_SECOND": "fast"}, "TEAMS_PER_SECOND"),
        ({"MINIMUM_GROUP": "2"}, "MINIMUM_GROUP must be a number from 3"),
        ({"MINIMUM_GROUP": "few"}, "MINIMUM_GROUP must be a number from 3"),
        ({"MANAGERS": "anna"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": "slack/T0001"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": "slack/T0001/anna"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": "slack/T0001/U0001/more"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": "irc/T0001/U0001"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": "open,slack/T0001/U0001"}, "MANAGERS must be open, or people"),
        ({"MANAGERS": " , "}, "MANAGERS must be open, or people"),
    ],
)
def test_settings_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str):
    """A combination that cannot work is refused with the name of the variable to change."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=named):
        read_settings()


def test_faults_never_show_a_secret(monkeypatch: pytest.MonkeyPatch):
    """What is said about wrong settings holds no value of a secret."""
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-very-secret")
    monkeypatch.setenv("PORT", "no-number")
    monkeypatch.setenv("DATABASE_URL", "mysql://me:very-secret@host/rung")
    with pytest.raises(ValueError, match="PORT") as refused:
        read_settings()
    assert "very-secret" not in str(refused.value)


def test_tenants_come_as_one_list(monkeypatch: pytest.MonkeyPatch):
    """TEAMS_TENANTS is a comma-separated list; blanks around the ids do not count."""
    monkeypatch.setenv("TEAMS_TENANTS", " a, b ,,c")
    assert read_settings().teams_tenants == ("a", "b", "c")


def test_quiet_hours_may_go_over_midnight(monkeypatch: pytest.MonkeyPatch):
    """The quiet hours are hours of a day, read into minutes."""
    monkeypatch.setenv("QUIET_HOURS", "22-6")
    assert 23 * 60 in read_settings().quiet
    assert 7 * 60 not in read_settings().quiet


@pytest.mark.parametrize("written", ["", "open", " Open "])
def test_everybody_may_manage_unless_said(monkeypatch: pytest.MonkeyPatch, written: str):
    """Without a list everybody may have a team, and no group is smaller than five."""
    monkeypatch.setenv("MANAGERS", written)
    settings = read_settings()
    assert settings.managers is None
    assert settings.minimum_group == 5


def test_managers_are_people_and_groups(monkeypatch: pytest.MonkeyPatch):
    """MANAGERS lists ids as the platforms write them, those of Microsoft's directory in any case."""
    monkeypatch.setenv(
        "MANAGERS", "slack/T0001/U0001, slack/T0001/S0001,teams/AA-BB/CC-DD,teams/aa-bb/19:Xy@thread.tacv2"
    )
    assert read_settings().managers == {
        Person("slack", "T0001", "U0001"),
        Person("slack", "T0001", "S0001"),
        Person("teams", "aa-bb", "cc-dd"),
        Person("teams", "aa-bb", "19:Xy@thread.tacv2"),
    }


def test_a_setting_that_does_not_fit_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is not called missing as well; what is missing beside it is still named."""
    monkeypatch.setenv("MICROSOFT_APP_ID", "rung")
    monkeypatch.setenv("MICROSOFT_APP_PASSWORD", "p")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET is missing") as refused:
        read_settings()
    assert str(refused.value).count("MICROSOFT_APP_ID") == 1


def test_an_sdk_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other SDK is asked for by name only where Teams is on, and a sentence says how to install it."""
    monkeypatch.setattr("bot.settings.find_spec", lambda name: None)
    monkeypatch.setenv("TEAMS_SDK", "agents")
    read_settings()
    monkeypatch.setenv("RUNG_DEV", "1")
    with pytest.raises(ValueError, match=r"TEAMS_SDK=agents needs .* requirements-agents\.txt"):
        read_settings()
