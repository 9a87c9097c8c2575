"""Questions from scripts: one, or many as JSON lines."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handlers.answer import answer
from handlers.plain import plain
from handlers.ports import Desk
from handlers.turn import Person, Place, Turn


class Question(BaseModel):
    """One line of input. State is kept per `user`; `lang` is a hint, found from the words when absent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str | int
    text: str
    platform: Literal["slash", "chat"] = "chat"
    lang: str | None = None
    user: Annotated[str, Field(max_length=255)] = "you"


async def answer_once(desk: Desk, words: str, lang: str | None) -> str:
    """The plain text of one answer."""
    return await _reply_text(desk, Question(id=0, text=words, lang=lang))


async def answer_lines(desk: Desk, source: TextIO, sink: TextIO) -> None:
    """Answer line by line, in order, each flushed before the next is read. A bad line gets a line that says why."""
    for number, line in enumerate(source, start=1):
        if line.strip():
            # Some editors begin a file with a byte order mark.
            json.dump(await _answer_line(desk, number, line.removeprefix("\ufeff")), sink, ensure_ascii=False)
            sink.write("\n")
            sink.flush()


async def _answer_line(desk: Desk, number: int, line: str) -> dict[str, object]:
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'line'}: {item['msg']}" for item in error.errors())
        return {"id": _id_of(line), "error": f"line {number}: {faults}"}
    return {"id": question.id, "reply_text": await _reply_text(desk, question)}


def _id_of(line: str) -> object:
    """The id of a line that is otherwise wrong, so that the other side can tell which one failed."""
    try:
        return dict(json.loads(line)).get("id")
    except (ValueError, TypeError):
        return None


async def _reply_text(desk: Desk, question: Question) -> str:
    turn = Turn(
        person=Person("console", "local", question.user),
        place=Place("console"),
        words=question.text,
        lang=question.lang,
        how="command" if question.platform == "slash" else "chat",
    )
    return plain(await answer(turn, desk))
