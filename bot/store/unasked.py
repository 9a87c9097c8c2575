"""The tables of what the coach says unasked: whom it nudges when, the letters to them, and the fence of a workspace."""

from __future__ import annotations

from sqlalchemy import Boolean, Date, Index, Integer, PrimaryKeyConstraint, Table

from bot.store.columns import PERSON, Document, Kept, Tick, Words, belongs, column, metadata, whose

nudging = Table(
    "nudging",
    metadata,
    *whose(),
    column(
        "weekday",
        Integer(),
        "The day of the weekly nudge; 0 is Monday",
        "Der Tag der wöchentlichen Erinnerung; 0 ist Montag",
    ),
    column(
        "minute",
        Integer(),
        "The hour of the weekly nudge, in minutes after midnight",
        "Die Uhrzeit der wöchentlichen Erinnerung, in Minuten nach Mitternacht",
    ),
    column(
        "zone", Words(), "The time zone in which that hour is meant", "Die Zeitzone, in der diese Uhrzeit gemeint ist"
    ),
    column("since", Date(), "The first day that may have a nudge", "Der erste Tag, an dem eine Erinnerung kommen kann"),
    column("every", Integer(), "Every how many weeks a nudge comes", "Alle wie viele Wochen eine Erinnerung kommt"),
    column(
        "country",
        Words(),
        "The country whose public holidays are kept free",
        "Das Land, an dessen Feiertagen keine Erinnerung kommt",
    ),
    column(
        "away_until",
        Date(),
        "The last day of an absence that the person announced",
        "Der letzte Tag einer Abwesenheit, die die Person angekündigt hat",
    ),
    column("paused", Boolean(), "Whether there are no nudges for now", "Ob gerade keine Erinnerungen kommen"),
    column(
        "window",
        Integer(),
        "Within how many minutes after the hour a nudge comes",
        "Binnen wie vieler Minuten nach der Uhrzeit eine Erinnerung kommt",
    ),
    column(
        "away_from",
        Date(),
        "The first day of that absence, where it begins later",
        "Der erste Tag dieser Abwesenheit, wenn sie erst noch beginnt",
    ),
    column(
        "offered",
        Date(),
        "The day on which a weekly nudge was offered, so that it is offered once",
        "Der Tag, an dem eine wöchentliche Erinnerung angeboten wurde, damit es nur einmal geschieht",
    ),
    column("due", Tick(), "When the next nudge comes", "Wann die nächste Erinnerung kommt"),
    column(
        "zone_data",
        Words(),
        "The version of the time zone data that this was worked out with",
        "Die Version der Zeitzonendaten, mit der das berechnet wurde",
    ),
    column("due_day", Date(), "The day that the next nudge is for", "Der Tag, für den die nächste Erinnerung ist"),
    column(
        "last",
        Date(),
        "The day of the latest nudge, so that there is no other in its week",
        "Der Tag der letzten Erinnerung, damit in dessen Woche keine weitere kommt",
    ),
    column(
        "ignored",
        Integer(),
        "How many nudges in a row there was no reaction to, to come less often and then not at all",
        "Auf wie viele Erinnerungen hintereinander keine Reaktion kam, um seltener und dann nicht mehr zu schreiben",
        needed=True,
    ),
    column(
        "plan_clause",
        Words(),
        "The clause of the framework that the person made a plan for",
        "Der Punkt des Frameworks, für den die Person einen Plan gemacht hat",
    ),
    column("plan_when", Words(), "The plan: when …", "Der Plan: wenn …"),
    column("plan_then", Words(), "The plan: … I will …", "Der Plan: … dann werde ich …"),
    column("plan_day", Date(), "The day on which the plan was made", "Der Tag, an dem der Plan gemacht wurde"),
    column(
        "plan_outcome",
        Words(),
        "What the person says became of the plan: done, partly, or not now",
        "Was nach Auskunft der Person daraus wurde: erledigt, zum Teil oder gerade nicht",
    ),
    column(
        "chosen",
        Tick(),
        "When the person last chose when to be written to, so that nothing older is sent",
        "Wann die Person zuletzt gewählt hat, wann ihr geschrieben wird, damit nichts Älteres mehr kommt",
    ),
    PrimaryKeyConstraint(*PERSON, name="nudging_pkey"),
    belongs("nudging"),
    sqlite_with_rowid=False,
)
Index(
    "nudging_due", nudging.c.due, sqlite_where=nudging.c.due.is_not(None), postgresql_where=nudging.c.due.is_not(None)
)

letter = Table(
    "letter",
    metadata,
    *whose(Kept.LETTER),
    column(
        "day",
        Date(),
        "The day that it is for",
        "Der Tag, für den die Nachricht ist",
        Kept.LETTER,
        needed=True,
    ),
    column(
        "kind",
        Words(),
        "What is sent: a nudge, a question whether to be counted in a team, news of a team, or a card",
        "Was gesendet wird: eine Erinnerung, die Frage, ob man in einem Team mitgezählt werden möchte, Nachricht "
        "von einem Team oder eine Karte",
        Kept.LETTER,
        needed=True,
    ),
    column(
        "state",
        Words(),
        "Where it stands: waiting, on its way, sent, or why not",
        "Wie es um sie steht: wartet, unterwegs, gesendet oder weshalb nicht",
        Kept.LETTER,
        needed=True,
    ),
    column("due", Tick(), "When it is due", "Wann sie fällig ist", Kept.LETTER, needed=True),
    column(
        "not_before",
        Tick(),
        "When it is to be looked at next; empty once it is settled",
        "Wann wieder danach zu sehen ist; leer, sobald es erledigt ist",
        Kept.LETTER,
    ),
    column(
        "epoch",
        Integer(),
        "Which delivery took it last, so that no two send it",
        "Welche Zustellung sie zuletzt nahm, damit sie nicht zweimal gesendet wird",
        Kept.LETTER,
    ),
    column("tries", Integer(), "How often it was tried", "Wie oft es versucht wurde", Kept.LETTER, needed=True),
    column(
        "ref",
        Words(),
        "The platform's id of the message that was sent",
        "Die Kennung der gesendeten Nachricht auf der Plattform",
        Kept.LETTER,
    ),
    column(
        "trail",
        Document(),
        "When it came into which state and why, to find out what became of it",
        "Wann und weshalb sich etwas daran änderte, um nachzusehen, was daraus wurde",
        Kept.LETTER,
        needed=True,
    ),
    column(
        "at",
        Tick(),
        "When its state last changed, to erase it later",
        "Wann sich zuletzt etwas daran änderte, um sie später zu löschen",
        Kept.LETTER,
        needed=True,
    ),
    column(
        "intent",
        Document(),
        "What a letter that is no nudge asks, such as which team it is about and who asks; no text of it",
        "Was eine Nachricht fragt, die keine Erinnerung ist: etwa um welches Team es geht und wer fragt; kein Text",
        Kept.LETTER,
    ),
    PrimaryKeyConstraint(*PERSON, "day", "kind", name="letter_pkey"),
    belongs("letter"),
    sqlite_with_rowid=False,
)
OPEN, SETTLED = letter.c.not_before.is_not(None), letter.c.not_before.is_(None)
# Of a million letters all but a few are settled, so those that are not have an index of their own.
Index(
    "letter_open",
    *(letter.c[name] for name in ("platform", "tenant", "state", "due", "not_before")),
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index("letter_settled", letter.c.at, sqlite_where=SETTLED, postgresql_where=SETTLED)

workspace = Table(
    "workspace",
    metadata,
    column("platform", Words(), "The platform", "Die Plattform", Kept.WORKSPACE, needed=True),
    column("tenant", Words(), "The workspace or tenant", "Der Workspace oder Mandant", Kept.WORKSPACE, needed=True),
    column(
        "epoch",
        Integer(),
        "How many deliveries have begun there; only the newest may send",
        "Wie viele Zustellungen dort begonnen haben; nur die neueste darf senden",
        Kept.WORKSPACE,
        needed=True,
    ),
    column(
        "gate_until",
        Tick(),
        "Until when the platform asked to send nothing there",
        "Bis wann die Plattform darum bat, dort nichts zu senden",
        Kept.WORKSPACE,
    ),
    PrimaryKeyConstraint("platform", "tenant", name="workspace_pkey"),
)
