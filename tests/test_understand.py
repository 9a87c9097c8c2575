"""What people type becomes the intent they meant."""

from __future__ import annotations

import tracemalloc
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from content.load import Content, load
from content.matrix import Named
from content.search import Index
from handlers.intent import AddEvidence, Intent, MarkDone, Search, ShowExpectations, UnknownName, unpack
from handlers.ports import Understood
from handlers.understand import Parser

DATA = Path(__file__).with_name("data")
TABLE = yaml.safe_load(DATA.joinpath("understand.yaml").read_text(encoding="utf-8"))
OWN = yaml.safe_load(DATA.joinpath("own.yaml").read_text(encoding="utf-8"))
FREE = {"unknown": {"said"}, "done": {"words"}}
"""Fields that the table leaves open, by kind."""

SENTENCES = {
    "en": ("{}", "what does a {} need?", "Show me the expectations for a {}, please", "{}: what is expected?"),
    "de": ("{}", "was muss ein {} können?", "Zeig mir bitte die Erwartungen an {}", "{}: was wird erwartet?"),
}


@cache
def content() -> Content:
    """The shipped content."""
    return load()


@cache
def parser() -> Parser:
    """The parser of the shipped content."""
    return Parser(content().matrix, content().words, Index(content().matrix, content().glossary).lexicon)


def understand(words: str) -> Understood:
    """What the parser makes of words, not cached."""
    return parser()._understand(words, None)


def called(named: Named) -> list[str]:
    """Every name and nickname."""
    return [*named.name.texts.values(), *(nickname for names in named.nicknames.values() for nickname in names)]


def roles_and_levels() -> list[tuple[str, str, str, str]]:
    """Every name of every role with every name of every level: role, its name, level, its name."""
    matrix = content().matrix
    roles = [(role.id, name) for role in matrix.roles.values() for name in called(role)]
    levels = [(level.id, name) for level in matrix.levels.values() for name in called(level)]
    return [(*role, *level) for role, level in product(roles, levels)]


def about(intent: Intent) -> tuple[str | None, str | None]:
    """The role and the level that are looked up."""
    assert isinstance(intent, ShowExpectations), intent
    return intent.role, intent.level


@pytest.mark.parametrize(("words", "expected"), [(words, row["intent"]) for row in TABLE for words in row["words"]])
def test_words_become_their_intent(words: str, expected: dict[str, object]) -> None:
    """What people type becomes the intent in the table."""
    wanted = unpack({"words": "", **expected} if expected["kind"] == "search" else expected)
    found = understand(words).intent
    free = FREE.get(wanted.kind, set())
    if wanted.kind == "search":
        free = {"role", "level"}
    assert found.kind == wanted.kind, found
    ignore = free | ({"skill", "roles"} if wanted.kind != "roles" else {"skill"})
    assert found.model_dump(exclude=ignore) == wanted.model_dump(exclude=ignore)


@pytest.mark.parametrize(("words", "row"), [(words, row) for row in OWN for words in row["words"]])
def test_words_about_oneself_become_their_intent(words: str, row: dict[str, Any]) -> None:
    """What people type about their own level, milestones, evidence and data becomes the intent, field by field."""
    found = understand(words)
    if "intent" in row:
        assert found.intent == unpack(row["intent"])
    if "reply" in row:
        assert found.reply == row["reply"]
    if "rest" in row:
        assert found.rest == row["rest"]
    assert found.intent.kind not in row.get("not", ())


def test_wordings_about_oneself_stand_there_once() -> None:
    """No wording is expected to mean two things."""
    for told in ("intent", "reply", "not"):
        said = [words for row in OWN if told in row for words in row["words"]]
        assert len(set(said)) == len(said)


ADDRESSES = st.from_regex(
    r"https?://[a-z]{1,8}\.example/[a-z0-9_/-]{0,12}(\?[a-z]=[0-9](&[a-z]=[0-9]){0,2})?", fullmatch=True
)
AROUND = [
    "done with the second one, see {}",
    "done with the second one: {}.",
    "done with the second one ({})",
    "fertig mit dem zweiten, siehe {}!",
    "evidence for the second one: {}",
    "Beleg für den zweiten {}",
]
MARKED = ["{}", "<{}>", "<{}|the pull request>", "[the pull request]({})", '<a href="{}">the pull request</a>']


@given(ADDRESSES, st.sampled_from(AROUND), st.sampled_from(MARKED))
def test_a_link_is_kept_whole(address: str, around: str, marked: str) -> None:
    """A link is taken out of whatever a platform writes around it, and neither it nor its label is read as words."""
    intent = understand(around.format(marked.format(address.replace("&", "&amp;")))).intent
    assert isinstance(intent, MarkDone | AddEvidence)
    assert (intent.link, intent.number, intent.words, intent.text) == (address, 2, "", "")


SAID = ["rolled", "it", "out", "for", "ads,", "v2_final:", "p99", "<", "20", "ms", "at", "9:30", "(not", "yet)", "🚀"]


@given(st.lists(st.sampled_from(SAID), min_size=3, max_size=40).map(" ".join))
def test_what_stands_behind_the_colon_is_kept_as_typed(sentence: str) -> None:
    """The sentence behind the colon is neither read nor changed, but for marks at its edges."""
    intent = understand(f"done with the second one: {sentence}").intent
    assert isinstance(intent, MarkDone)
    assert (intent.number, intent.text) == (2, sentence.strip(" ,:"))


def test_a_very_long_link_or_sentence_is_cut_or_left_out() -> None:
    """What an intent may not hold raises nothing."""
    for words in (
        "x" * 5000,
        "https://example.com/" + "x" * 5000,
        "https://" + "(" * 1900,
        ": " * 900,
        "<a href=https://" * 120,
    ):
        assert understand(f"evidence for the second one: {words}").intent.kind == "evidence"


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_name_of_a_role_and_a_level_is_a_look_up(lang: str) -> None:
    """Every nickname of a role and of a level, in both orders and in a sentence, asks for that cell."""
    wrong = []
    for place, (role, role_name, level, level_name) in enumerate(roles_and_levels()):
        sentence = SENTENCES[lang][place % len(SENTENCES[lang])]
        for words in (f"{level_name} {role_name}", f"{role_name} {level_name}"):
            intent = understand(sentence.format(words)).intent
            if not isinstance(intent, ShowExpectations) or (intent.role, intent.level) != (role, level):
                wrong.append((sentence.format(words), intent))
    assert not wrong


@given(st.text(max_size=400))
def test_any_text_is_understood_somehow(text: str) -> None:
    """No text raises, and the same text always means the same."""
    first, again = understand(text), understand(text)
    assert first == again
    assert first.lang in ("en", "de")


PIECES = [
    "ML",
    "senior",
    "wer",
    "what",
    "nicht",
    "engineer",
    "<@U1>",
    "*",
    "{{",
    "'; --",
    "🚀",
    "9:30",
    "und",
    "my",
    "?",
    "K8s",
]


@given(st.lists(st.sampled_from(PIECES), max_size=150).map(" ".join))
def test_pieces_of_sentences_are_understood_somehow(text: str) -> None:
    """Long rows of telling words raise nothing either, and what was said is cut to fit."""
    intent = understand(text).intent
    assert len(getattr(intent, "said", "")) <= 80
    assert len(getattr(intent, "words", "")) <= 80


@pytest.mark.parametrize("sentence", ["who needs {}?", "senior {} engineer", "done with {}", "{} developer"])
def test_what_was_said_is_cut(sentence: str) -> None:
    """A very long name or term is cut to what an intent may hold."""
    intent = understand(sentence.format("Kubernetes" * 300)).intent
    assert len(getattr(intent, "said", "")) <= 80
    assert len(getattr(intent, "words", "")) <= 80


ACRONYMS = {"ml": "ml-engineer", "mlops": "mlops-engineer", "llm": "llm-engineer", "nlp": "nlp-engineer",
            "cv": "computer-vision-engineer"}  # fmt: skip


@given(
    st.sampled_from(sorted(ACRONYMS)), st.integers(0, 5), st.sampled_from("abcdefghijklmnopqrstuvwxyz-"), st.booleans()
)
def test_acronyms_are_never_repaired(acronym: str, place: int, letter: str, drop: bool) -> None:
    """A mistyped acronym is asked about, and never taken for another one."""
    place = min(place, len(acronym))
    typed = acronym[:place] + ("" if drop else letter) + acronym[place + drop :]
    intent = understand(f"{typed} engineer").intent
    role = getattr(intent, "role", None)
    assert role in (None, ACRONYMS.get(typed.replace("-", ""), ACRONYMS[acronym])), intent


LONG_WORDS = ["Computer Vision Engineer", "Data Scientist", "Machine Learning Engineer", "AI Product Engineer"]


@st.composite
def typos(draw: st.DrawFn) -> tuple[str, str, str]:
    """A role's name, the same with one typo in a word of six letters or more, and a level."""
    name = draw(st.sampled_from(LONG_WORDS))
    words = name.split()
    at = draw(st.sampled_from([place for place, word in enumerate(words) if len(word) >= 6]))
    word, place = words[at], draw(st.integers(1, len(words[at]) - 2))
    kind = draw(st.sampled_from(["drop", "double", "swap", "replace"]))
    words[at] = {
        "drop": word[:place] + word[place + 1 :],
        "double": word[:place] + word[place] + word[place:],
        "swap": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        "replace": word[:place] + "q" + word[place + 1 :],
    }[kind]
    return name, " ".join(words), draw(st.sampled_from(["junior", "middle", "senior", "principal"]))


@given(typos())
def test_one_typo_in_a_long_word_is_repaired(typo: tuple[str, str, str]) -> None:
    """One typo in a long word of a role's name still asks for its cell."""
    name, typed, level = typo
    assert about(understand(f"{level} {typed}").intent) == about(understand(f"{level} {name}").intent)


@pytest.mark.parametrize(
    "typed", ["junoir", "jnuior", "juniro", "midle", "midddle", "senoir", "seniro", "pricipal", "prinicpal"]
)
def test_typos_in_levels_are_repaired(typed: str) -> None:
    """One typo in a level's name still asks for the cell."""
    role, level = about(understand(f"ML engineer {typed}").intent)
    assert role == "ml-engineer"
    assert level is not None


DRESS = [
    "{}",
    "*{}*",
    "_{}_",
    "`{}`",
    "<@U123> {}",
    "<at>Rung</at> {}",
    "<@Robin Lead> {} <#senior-engineers>",
    ":wave: {}",
    "{} 🙂",
    "  {}  ",
    "<b>{}</b>",
    "&lt;i&gt;{}&lt;/i&gt;",
]


@given(st.sampled_from([words for row in TABLE for words in row["words"] if "<" not in words]), st.sampled_from(DRESS))
def test_dress_does_not_change_the_meaning(words: str, dress: str) -> None:
    """Mark-up, mentions and emoji around the words change nothing."""
    plain, dressed = understand(words), understand(dress.format(words))
    assert dressed.intent == plain.intent
    assert dressed.lang == plain.lang


@given(
    st.sampled_from(
        [words for row in TABLE for words in row["words"] if row["intent"]["kind"] in ("expect", "levels", "roles")]
    )
)
def test_capitals_do_not_change_the_meaning(words: str) -> None:
    """Capitals change no name and no level."""
    if "http" not in words and "&" not in words:
        assert understand(words.upper()).intent == understand(words).intent


@pytest.mark.parametrize(
    ("words", "hint", "lang"),
    [
        ("was wird von einem Senior ML Engineer erwartet?", "en", "de"),
        ("what does a senior ML engineer need?", "de", "en"),
        ("ML Engineer senior", "de", "de"),
        ("ML Engineer senior", "de-AT", "de"),
        ("ML Engineer senior", "en", "en"),
        ("ML Engineer senior", "mixed", "en"),
        ("ML Engineer senior", None, "en"),
        ("und Principal?", None, "de"),
        ("[de] hallo", "en", "de"),
        ("qui a besoin de TensorRT?", "de", "de"),
        ("je suis un senior ML engineer", "en", "en"),
        ("谁需要 TensorRT?", "de", "de"),
        ("кому нужен TensorRT?", "de", "de"),
    ],
)
def test_language_is_told_from_the_words_or_else_the_hint(words: str, hint: str | None, lang: str) -> None:
    """The words tell the language, or else the hint does, or else it is English."""
    assert parser()(words, hint=hint).lang == lang


@pytest.mark.parametrize(
    "words", ["sen\u00adior ML engi\u00adneer", "sen\x9fior ML engineer", "senior\u200b ML engineer"]
)
def test_invisible_characters_are_not_read(words: str) -> None:
    """A soft hyphen, a control character or a joiner within a word changes nothing."""
    assert about(understand(words).intent) == ("ml-engineer", "senior")


def test_what_is_remembered_stays_small() -> None:
    """However long the words and however many, the parser keeps little of them."""
    parse = Parser(content().matrix, content().words, Index(content().matrix, content().glossary).lexicon)
    parse("who needs TensorRT?")
    tracemalloc.start()
    for number in range(300):
        parse(f"{number} who needs {chr(20000 + number) * 100_000}", hint=f"{number}" * 10_000)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3_000_000


@pytest.mark.parametrize(
    ("words", "reply"),
    [("yes", "yes"), ("ja, bitte", "yes"), ("ok", "yes"), ("yes, erase everything", "yes"), ("no", "no"),
     ("nein danke", "no"), ("ok, what can you do?", None), ("yes, I am a senior", None), ("senior", "name"),
     ("an MLOps engineer", "name"), ("senior?", None), ("senior or lead", None)],
)  # fmt: skip
def test_a_bare_answer_is_told_from_other_words(words: str, reply: str | None) -> None:
    """Only words that are nothing but a yes, a no or a name are an answer."""
    assert understand(words).reply == reply


@pytest.mark.parametrize(
    ("words", "follows"),
    [
        ("and principal?", True),
        ("und bei NLP?", True),
        ("senior", True),
        ("ml engineer", False),
        ("senior ML engineer", False),
    ],
)
def test_an_ellipsis_leans_on_what_was_said_before(words: str, follows: bool) -> None:
    """Only words that leave something out lean on the last subject."""
    assert understand(words).follows is follows


def test_an_unknown_role_keeps_what_is_known() -> None:
    """Beside an unknown role, the known level and the known role come along."""
    intent = understand("compare ML engineer with devops engineer at senior level").intent
    assert intent == UnknownName(what="role", said="devops engineer", level="senior", roles=("ml-engineer",))


def test_search_words_are_what_was_typed() -> None:
    """The term of a search keeps its spelling, signs and capitals, and loses the question around it."""
    intent = understand("Which roles have to know A/B testing, and from which level?").intent
    assert intent == Search(words="A/B testing")
