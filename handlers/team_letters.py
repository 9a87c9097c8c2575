"""What is answered about teams: by what is asked, and by what a letter carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from handlers.intent import (
    AnswerInvite,
    AskTeam,
    GatherRoster,
    Intent,
    InviteToTeam,
    ListTeams,
    MakeCard,
    MakeTeam,
    ManageTeam,
    PlanPosts,
    PostSummary,
    ReceiveCard,
    ReceiveInvite,
    RevokeCard,
    ShowTrail,
    TellManaging,
    TellPosted,
)
from handlers.managing import closed
from handlers.ports import Desk
from handlers.reply import Reply
from handlers.team import ask_team, post_summary
from handlers.team_card import make_card, receive_card, revoke_card
from handlers.team_inviting import gather_roster, invite_to_team
from handlers.team_making import make_team, manage_team, tell_managing
from handlers.team_people import answer_invite, list_teams, receive_invite, show_trail
from handlers.team_schedule import plan_posts, tell_posted
from handlers.turn import Turn

ASKED: Mapping[type[Intent], Callable[[Any, Turn, Desk], Awaitable[Reply]]] = {
    AskTeam: ask_team,
    ListTeams: list_teams,
    MakeTeam: make_team,
    InviteToTeam: invite_to_team,
    AnswerInvite: answer_invite,
    PostSummary: post_summary,
    PlanPosts: plan_posts,
    ManageTeam: manage_team,
    ShowTrail: show_trail,
    MakeCard: make_card,
    RevokeCard: revoke_card,
    # Whoever forges what only letters carry sees how they stand to teams.
    ReceiveInvite: list_teams,
    GatherRoster: list_teams,
    TellPosted: list_teams,
    TellManaging: list_teams,
    ReceiveCard: list_teams,
}

LETTERS: Mapping[type[Intent], Callable[[Any, Turn, Desk], Awaitable[Reply | None]]] = {
    ReceiveInvite: receive_invite,
    GatherRoster: gather_roster,
    TellPosted: tell_posted,
    TellManaging: tell_managing,
    ReceiveCard: receive_card,
}


async def read_letter(intent: Intent, turn: Turn, desk: Desk) -> Reply | None:
    """What a letter about teams says now, or None when there is nothing to say any more."""
    if type(intent) not in LETTERS or closed(turn, desk):
        return None
    return await LETTERS[type(intent)](intent, turn, desk)
