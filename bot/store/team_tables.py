"""The tables of teams: who agreed to be counted, what was posted of them, what was done that concerns whom, and cards.

What a reading counted of a person stands apart from their membership: a reading that a platform did not take leaves
the one before it as it was.
"""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKeyConstraint, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from bot.store.columns import PERSON, Document, Instant, Kept, Words, belongs, column, metadata, whose

team = Table(
    "team",
    metadata,
    column("platform", Words(), "The platform", "Die Plattform", Kept.TEAM, needed=True),
    column("tenant", Words(), "The workspace or tenant", "Der Workspace oder Mandant", Kept.TEAM, needed=True),
    column("id", Words(), "Tells two teams apart", "Unterscheidet zwei Teams", Kept.TEAM, needed=True),
    column("name", Words(), "What the team is called", "Wie das Team heißt", Kept.TEAM, needed=True),
    column(
        "folded",
        Words(),
        "The name without capitals, so that there are no two of it",
        "Der Name ohne Großschreibung, damit es ihn nicht zweimal gibt",
        Kept.TEAM,
        needed=True,
    ),
    column(
        "secret",
        LargeBinary(),
        "Decides where shown numbers step, so that nobody can work back from them",
        "Bestimmt, wo gezeigte Zahlen springen, damit niemand zurückrechnen kann",
        Kept.TEAM,
        needed=True,
    ),
    column(
        "every",
        Words(),
        "How often the summary is posted: every week or every month",
        "Wie oft die Zusammenfassung kommt: jede Woche oder jeden Monat",
        Kept.TEAM,
    ),
    column("weekday", Integer(), "The day of it; 0 is Monday", "Der Tag dafür; 0 ist Montag", Kept.TEAM),
    column(
        "minute",
        Integer(),
        "The hour of it, in minutes after midnight",
        "Die Uhrzeit dafür, in Minuten nach Mitternacht",
        Kept.TEAM,
    ),
    column(
        "zone",
        Words(),
        "The time zone in which that hour is meant",
        "Die Zeitzone, in der diese Uhrzeit gemeint ist",
        Kept.TEAM,
    ),
    column("lang", Words(), "The language of the summary", "Die Sprache der Zusammenfassung", Kept.TEAM),
    column("channel", Words(), "Where the summary is posted", "Wo die Zusammenfassung erscheint", Kept.TEAM),
    column("due", Instant(), "When the next one is posted", "Wann die nächste erscheint", Kept.TEAM),
    column(
        "alone",
        Instant(),
        "Since when nobody manages the team, to end it later",
        "Seit wann niemand das Team leitet, um es später zu beenden",
        Kept.TEAM,
    ),
    PrimaryKeyConstraint("platform", "tenant", "id", name="team_pkey"),
)
Index("team_folded", team.c.platform, team.c.tenant, team.c.folded, unique=True)
Index("team_due", team.c.due, sqlite_where=team.c.due.is_not(None), postgresql_where=team.c.due.is_not(None))

membership = Table(
    "membership",
    metadata,
    *whose(Kept.MEMBERSHIP),
    column("team", Words(), "The team it is about", "Das Team, um das es geht", Kept.MEMBERSHIP, needed=True),
    column(
        "standing",
        Words(),
        "What the person says to being counted: asked, yes, no, or left; empty for a manager who was not asked",
        "Was die Person dazu sagt, mitgezählt zu werden: gefragt, ja, nein oder ausgetreten; "
        "leer, wenn jemand das Team leitet und nicht gefragt wurde",
        Kept.MEMBERSHIP,
    ),
    column(
        "manages",
        Boolean(),
        "Whether the person manages the team",
        "Ob die Person das Team leitet",
        Kept.MEMBERSHIP,
        needed=True,
    ),
    column("since", Instant(), "Since when this is so", "Seit wann das so ist", Kept.MEMBERSHIP, needed=True),
    PrimaryKeyConstraint(*PERSON, "team", name="membership_pkey"),
    belongs("membership"),
    sqlite_with_rowid=False,
)
# In the order of people, so that their milestones are read as they lie.
Index("membership_team", *(membership.c[name] for name in ("platform", "tenant", "team", "standing", "user_id")))
UNDECIDED = membership.c.standing != "yes"
Index("membership_since", membership.c.since, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED)

counted = Table(
    "counted",
    metadata,
    *whose(Kept.COUNTED),
    column(
        "team", Words(), "The team it was counted for", "Das Team, für das gezählt wurde", Kept.COUNTED, needed=True
    ),
    column(
        "number",
        Integer(),
        "The summary that it was counted for",
        "Die Zusammenfassung, für die gezählt wurde",
        Kept.COUNTED,
        needed=True,
    ),
    column("role", Words(), "The role as it was then", "Die Rolle zu diesem Zeitpunkt", Kept.COUNTED),
    column("level", Words(), "The level as it was then", "Die Stufe zu diesem Zeitpunkt", Kept.COUNTED),
    column(
        "clauses",
        Integer(),
        "How many clauses were done or begun then",
        "Wie viele Punkte damals erledigt oder begonnen waren",
        Kept.COUNTED,
        needed=True,
    ),
    column(
        "newest",
        Instant(),
        "When the latest of these had begun; with the others it tells whether anything has changed since",
        "Seit wann der letzte davon so war; damit lässt sich sagen, ob sich seither etwas geändert hat",
        Kept.COUNTED,
    ),
    PrimaryKeyConstraint(*PERSON, "team", "number", name="counted_pkey"),
    belongs("counted"),
    sqlite_with_rowid=False,
)
Index("counted_team", *(counted.c[name] for name in ("platform", "tenant", "team", "number")))

reading = Table(
    "reading",
    metadata,
    column("platform", Words(), "The platform", "Die Plattform", Kept.TEAM, needed=True),
    column("tenant", Words(), "The workspace or tenant", "Der Workspace oder Mandant", Kept.TEAM, needed=True),
    column("team", Words(), "The team it is about", "Das Team, um das es geht", Kept.TEAM, needed=True),
    column("number", Integer(), "Counts the team's summaries", "Zählt die Zusammenfassungen", Kept.TEAM, needed=True),
    column(
        "key",
        Words(),
        "What it was made for, so that it is posted once",
        "Wofür sie entstand, damit sie nur einmal erscheint",
        Kept.TEAM,
        needed=True,
    ),
    column("at", Instant(), "When it was made", "Wann sie entstand", Kept.TEAM, needed=True),
    column(
        "figures",
        Document(),
        "The numbers that were shown, in steps",
        "Die gezeigten Zahlen, in Stufen",
        Kept.TEAM,
        needed=True,
    ),
    column(
        "people",
        Integer(),
        "How many people it counted anew; shown to nobody, and empty when it repeats the numbers before it",
        "Wie viele Personen neu gezählt wurden; wird niemandem gezeigt und ist leer, wenn sie Zahlen wiederholt",
        Kept.TEAM,
    ),
    column(
        "by_user",
        Words(),
        "Who looked at it or posted it; erased with that person",
        "Wer sie angesehen oder veröffentlicht hat; wird mit dieser Person gelöscht",
        Kept.TEAM,
    ),
    column(
        "channel",
        Words(),
        "Where it was posted; empty when it was only looked at",
        "Wo sie erschien; leer, wenn sie nur angesehen wurde",
        Kept.TEAM,
        needed=True,
    ),
    column(
        "state",
        Words(),
        "Where it stands: seen in a preview, on its way, posted, in doubt, or not taken",
        "Wie es um sie steht: in der Vorschau gesehen, unterwegs, veröffentlicht, ungewiss oder nicht angenommen",
        Kept.TEAM,
        needed=True,
    ),
    column(
        "ref",
        Words(),
        "The platform's id of the message",
        "Die Kennung der Nachricht auf der Plattform",
        Kept.TEAM,
    ),
    PrimaryKeyConstraint("platform", "tenant", "team", "number", name="reading_pkey"),
)
Index("reading_key", *(reading.c[name] for name in ("platform", "tenant", "team", "key")), unique=True)

trail = Table(
    "trail",
    metadata,
    *whose(Kept.TRAIL),
    column("id", Words(), "Tells two entries apart", "Unterscheidet zwei Einträge", Kept.TRAIL, needed=True),
    column("at", Instant(), "When it was done", "Wann es geschah", Kept.TRAIL, needed=True),
    column(
        "what",
        Words(),
        "What was done that concerns the person, such as that they were asked or counted",
        "Was geschah, das die Person betrifft: etwa dass sie gefragt oder mitgezählt wurde",
        Kept.TRAIL,
        needed=True,
    ),
    column(
        "by_user",
        Words(),
        "Who did it; erased with that person",
        "Wer es tat; wird mit dieser Person gelöscht",
        Kept.TRAIL,
    ),
    column("team_name", Words(), "What the team was called", "Wie das Team hieß", Kept.TRAIL, needed=True),
    PrimaryKeyConstraint(*PERSON, "id", name="trail_pkey"),
    belongs("trail"),
    sqlite_with_rowid=False,
)
Index("trail_at", trail.c.at)
Index("trail_by", trail.c.platform, trail.c.tenant, trail.c.by_user)

card = Table(
    "card",
    metadata,
    *whose(Kept.CARD),
    column("id", Words(), "Tells two cards apart", "Unterscheidet zwei Karten", Kept.CARD, needed=True),
    column(
        "to_user",
        Words(),
        "For whom the card is; it is erased with that person, too",
        "Für wen die Karte ist; sie wird auch mit dieser Person gelöscht",
        Kept.CARD,
        needed=True,
    ),
    column(
        "lines",
        Document(),
        "The milestones and evidence that the person picked to show",
        "Die Meilensteine und Nachweise, die die Person zum Zeigen ausgewählt hat",
        Kept.CARD,
        needed=True,
    ),
    column("text", Words(), "The question on it", "Die Frage darauf", Kept.CARD, needed=True),
    column("at", Instant(), "When it was made", "Wann sie entstand", Kept.CARD, needed=True),
    column(
        "place",
        Words(),
        "The conversation in which it arrived, so that it can be taken back there",
        "Die Unterhaltung, in der sie ankam, damit sie sich dort zurückziehen lässt",
        Kept.CARD,
    ),
    PrimaryKeyConstraint(*PERSON, "id", name="card_pkey"),
    belongs("card"),
    ForeignKeyConstraint(
        ("platform", "tenant", "to_user"),
        [f"person.{name}" for name in PERSON],
        name="card_to_user_fkey",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)
Index("card_id", card.c.id, unique=True)
Index("card_to_user", card.c.platform, card.c.tenant, card.c.to_user)
