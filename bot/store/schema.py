"""The tables, and for each column what it is for and how long it is kept: the privacy data sheet is made from them.

A table is personal when it carries the key of a person: (platform, tenant, user_id). The natural key stands in every
personal row, so no statement can reach a person's rows without naming the tenant, and a row can be written without
looking up a number first. The profile's columns stand in `person`: it is one to one, so reading it costs no join and
writing it no statement beside the one that makes the person known.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Date, Index, Integer, PrimaryKeyConstraint, Table

from bot.store.columns import PERSON, Document, Instant, Kept, Words, belongs, column, metadata, whose
from bot.store.install_tables import installation, oauth_state
from bot.store.team_tables import card, counted, membership, reading, team, trail
from bot.store.unasked import letter, nudging, workspace

__all__ = [
    "PERSON",
    "audit",
    "card",
    "counted",
    "edition",
    "evidence",
    "installation",
    "letter",
    "membership",
    "metadata",
    "milestone",
    "nudging",
    "oauth_state",
    "person",
    "personal",
    "reading",
    "subject",
    "team",
    "trail",
    "workspace",
]

person = Table(
    "person",
    metadata,
    *whose(),
    column(
        "seen_on",
        Date(),
        "The last day of contact, to erase who has left",
        "Der letzte Tag mit Kontakt, um zu löschen, wer gegangen ist",
        needed=True,
    ),
    column("role", Words(), "The role the person chose", "Die Rolle, die die Person gewählt hat"),
    column("level", Words(), "The level the person chose", "Die Stufe, die die Person gewählt hat"),
    column(
        "how",
        Words(),
        "How the level was chosen: said, walked to, or pressed",
        "Wie die Stufe gewählt wurde: gesagt, ermittelt oder angeklickt",
    ),
    column("set_at", Instant(), "When role and level were chosen", "Wann Rolle und Stufe gewählt wurden"),
    column(
        "edition",
        Words(),
        "The edition of the framework the person was last told of, to tell what changed",
        "Die Fassung des Frameworks, von der die Person zuletzt erfuhr, um Änderungen zu nennen",
    ),
    column("lang", Words(), "The language to answer in", "Die Sprache für Antworten"),
    column(
        "zone",
        Words(),
        "The time zone, to write at a fitting hour",
        "Die Zeitzone, um zu passender Stunde zu schreiben",
    ),
    column(
        "address",
        Document(),
        "Where the platform takes messages to the person that they asked for in advance",
        "Wohin die Plattform Nachrichten annimmt, um die die Person im Voraus gebeten hat",
    ),
    PrimaryKeyConstraint(*PERSON, name="person_pkey"),
    Index("person_seen_on", "seen_on"),
)

milestone = Table(
    "milestone",
    metadata,
    *whose(),
    column(
        "clause",
        Words(),
        "The clause of the framework it is about",
        "Der Punkt des Frameworks, um den es geht",
        needed=True,
    ),
    column(
        "state",
        Words(),
        "What the person says of it: done, in work, partly, not yet, or skipped",
        "Was die Person dazu sagt: erledigt, in Arbeit, teilweise, noch nicht oder übersprungen",
        needed=True,
    ),
    column("since", Instant(), "When this state began", "Seit wann das so ist", needed=True),
    column(
        "checked",
        Instant(),
        "When the person last said that it is still true",
        "Wann die Person zuletzt sagte, dass es noch stimmt",
    ),
    column(
        "archived",
        Boolean(),
        "Whether the framework has dropped the clause",
        "Ob der Punkt im Framework entfallen ist",
        needed=True,
    ),
    PrimaryKeyConstraint(*PERSON, "clause", name="milestone_pkey"),
    belongs("milestone"),
    sqlite_with_rowid=False,
)

evidence = Table(
    "evidence",
    metadata,
    *whose(),
    column("id", Words(), "Tells two pieces of evidence apart", "Unterscheidet zwei Nachweise", needed=True),
    column("clause", Words(), "The clause of the framework it supports", "Der Punkt des Frameworks, den es belegt"),
    column("text", Words(), "What the person noted as proof", "Was die Person als Nachweis notiert hat", needed=True),
    column("link", Words(), "A link the person noted as proof", "Ein Link, den die Person als Nachweis notiert hat"),
    column("day", Date(), "When it happened", "Wann es war"),
    column("at", Instant(), "When it was noted", "Wann es notiert wurde", needed=True),
    PrimaryKeyConstraint(*PERSON, "id", name="evidence_pkey"),
    belongs("evidence"),
)

subject = Table(
    "subject",
    metadata,
    *whose(Kept.SUBJECT),
    column("place", Words(), "The conversation", "Die Unterhaltung", Kept.SUBJECT, needed=True),
    column(
        "role",
        Words(),
        "The role last asked about, for follow-up questions",
        "Die zuletzt erfragte Rolle, für Anschlussfragen",
        Kept.SUBJECT,
    ),
    column(
        "level",
        Words(),
        "The level last asked about, for follow-up questions",
        "Die zuletzt erfragte Stufe, für Anschlussfragen",
        Kept.SUBJECT,
    ),
    column(
        "skill",
        Words(),
        "The skill last asked about, for follow-up questions",
        "Der zuletzt erfragte Skill, für Anschlussfragen",
        Kept.SUBJECT,
    ),
    column(
        "milestones",
        Document(),
        "The clauses last listed, so that “the second one” can be understood",
        "Die zuletzt aufgelisteten Punkte, damit „der zweite“ verstanden wird",
        Kept.SUBJECT,
        needed=True,
    ),
    column(
        "lang",
        Words(),
        "The language last written in, so that buttons go on in it",
        "Die zuletzt benutzte Sprache, damit Knöpfe darin weitermachen",
        Kept.SUBJECT,
    ),
    column(
        "answers",
        Document(),
        "What a short answer such as “yes” or “undo” means here, so that it can be typed",
        "Was eine kurze Antwort wie „ja“ oder „rückgängig“ hier bedeutet, damit man sie tippen kann",
        Kept.SUBJECT,
    ),
    column(
        "at",
        Instant(),
        "When it was asked, to let it expire",
        "Wann gefragt wurde, damit es verfällt",
        Kept.SUBJECT,
        needed=True,
    ),
    column(
        "heard",
        Date(),
        "The day on which the person last said something there; a nudge that goes out is none",
        "Der Tag, an dem die Person dort zuletzt etwas sagte; eine Erinnerung, die hinausgeht, zählt nicht",
        Kept.SUBJECT,
    ),
    PrimaryKeyConstraint(*PERSON, "place", name="subject_pkey"),
    belongs("subject"),
    Index("subject_at", "at"),
    sqlite_with_rowid=False,
)

edition = Table(
    "edition",
    metadata,
    column(
        "edition",
        Words(),
        "The fingerprint of an edition of the framework",
        "Der Fingerabdruck einer Fassung des Frameworks",
        Kept.FRAMEWORK,
        needed=True,
    ),
    column(
        "clauses",
        Document(),
        "The wording of its clauses, to tell what changed",
        "Der Wortlaut ihrer Punkte, um Änderungen zu nennen",
        Kept.FRAMEWORK,
        needed=True,
    ),
    column("at", Instant(), "When it was last loaded", "Wann sie zuletzt geladen wurde", Kept.FRAMEWORK, needed=True),
    PrimaryKeyConstraint("edition", name="edition_pkey"),
)

audit = Table(
    "audit",
    metadata,
    column("id", Integer(), "Tells two entries apart", "Unterscheidet zwei Einträge", Kept.AUDIT, needed=True),
    column(
        "day",
        Date(),
        "The day something was erased; no time, so that it points to nobody",
        "Der Tag einer Löschung; ohne Uhrzeit, damit er auf niemanden weist",
        Kept.AUDIT,
        needed=True,
    ),
    column(
        "action",
        Words(),
        "Why: asked by a person, tidied by age, or the app was uninstalled",
        "Weshalb: von einer Person verlangt, nach Alter aufgeräumt oder weil die App entfernt wurde",
        Kept.AUDIT,
        needed=True,
    ),
    column(
        "counts",
        Document(),
        "How many records of each kind were erased",
        "Wie viele Einträge jeder Art gelöscht wurden",
        Kept.AUDIT,
        needed=True,
    ),
    PrimaryKeyConstraint("id", name="audit_pkey"),
)


def personal() -> tuple[Table, ...]:
    """The tables that hold rows of people; those that others refer to come first."""
    return tuple(table for table in metadata.sorted_tables if set(PERSON) <= set(table.columns.keys()))
