"""The pages of the walk to one's level, but for its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from content.texts import Voice
from handlers import pick
from handlers.intent import FindLevel, SetProfile
from handlers.milestones import Step
from handlers.phrase import citation, fragment, level_name, role_name, rung, skill_label
from handlers.ports import Desk
from handlers.records import State
from handlers.reply import (
    Block,
    Bullets,
    Button,
    Buttons,
    Choice,
    Entry,
    Form,
    Heading,
    Item,
    Menu,
    Note,
    Picker,
    Quote,
    Text,
)
from handlers.walk import Walk

Answer = Literal["yes", "partly", "not-yet", "skip"]

ANSWERS: dict[Answer, State] = {
    "yes": State.DONE,
    "partly": State.PARTLY,
    "not-yet": State.NOT_YET,
    "skip": State.SKIPPED,
}

Page = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """What a page is made of: a person's walk, and a voice to speak of it."""

    desk: Desk
    voice: Voice
    walk: Walk

    def guess(self) -> Page:
        """Where shall we begin? Each level with the first clause that would be asked about."""
        first = [self.walk.questions[level][0] for level in self.walk.asked]
        middle = self.walk.asked[(len(first) - 1) // 2]
        unsure = Button(self.voice("level.unsure"), self.go(level=middle))
        choices = tuple(Choice(self.level(step), step.cell.level) for step in first)
        levels: Page = (Buttons((*(Button(one.label, self.go(level=one.value)) for one in choices), unsure)),)
        if len(choices) >= pick.MOST_BUTTONS:
            levels = (Menu(Picker("level", self.voice("pick.level"), choices), self.go()), Buttons((unsure,)))
        return (
            Heading(self.voice("level.title", of=self.role)),
            Text(self.voice("level.about")),
            Text(self.voice("level.which-guess")),
            Bullets(tuple(Item(fragment(step.clause, self.voice), self.level(step)) for step in first)),
            citation(self.desk, self.voice, *(step.cell for step in first)),
            Note(self.voice("level.private")),
            *levels,
        )

    def empty(self) -> Page:
        """The framework has nothing to ask about this role: the level can only be chosen."""
        said = self.voice("level.empty", framework=self.desk.matrix.name, role=self.role)
        choose = SetProfile(role=self.walk.role)
        return Text(said), pick.level_choices(self.desk, self.voice, choose, role=self.walk.role)

    def question(self, step: Step, told: Iterable[Block], before: Step | None) -> Page:
        """One clause to answer; `told` stands above it, `before` is what was answered last."""
        steps = self.walk.questions[step.cell.level]
        number = next((place for place, one in enumerate(steps, start=1) if one.clause is step.clause), None)
        ask = self.voice("level.ask", number=number, total=len(steps)) if number else self.voice("level.ask-alone")
        if skill := skill_label(self.desk, self.voice, step.cell.skill):
            ask = self.voice("level.ask-skill", skill=skill, ask=ask)
        state = self.walk.state(step)
        so_far = (Text(self.voice("level.so-far", answer=self.said(step))),) if state else ()
        if state:
            sixth = Button(self.voice("level.keep"), self.go())
        elif before:
            sixth = Button(self.voice("level.back"), self.about(before, step="stop"))
        else:
            sixth = Button(self.voice("level.stop"), self.go(step="stop"))
        example = Button(self.voice("level.with-example"), self.about(step, step="example"))
        return (
            Heading(self.voice("level.title", of=rung(self.desk, self.voice, self.walk.role, step.cell.level))),
            *told,
            Text(ask),
            self.quote(step),
            *so_far,
            citation(self.desk, self.voice, step.cell),
            Note(self.voice("level.private")),
            Buttons((*self._answers(step), example, sixth)),
        )

    def example(self, step: Step, sent: FindLevel, ask: str) -> Page:
        """A form for an example of a clause, with all that was sent before already standing in it."""
        choices = tuple(Choice(self.voice(f"level.answer.{one}"), one) for one in ("yes", "partly"))
        partly = sent.answer == "partly" or (not sent.answer and self.walk.state(step) in (State.PARTLY, State.WORKING))
        fields = (
            Picker("answer", self.voice("level.example-answer"), choices, "partly" if partly else "yes"),
            Entry("text", self.voice("level.example-text"), "text", sent.text, needed=True),
            Entry("link", self.voice("level.example-link"), "link", sent.link),
        )
        send, title = self.voice("level.example-send"), self.voice("level.example-title")
        form = Form(fields, send, self.about(step, answer="yes"), title=title)
        return (
            Heading(title),
            Text(ask),
            self.quote(step),
            citation(self.desk, self.voice, step.cell),
            form,
            Buttons((Button(self.voice("level.without-example"), self.about(step)),)),
        )

    def stop(self, last: Step | None) -> Page:
        """Good-bye until later; the last answer can be given again."""
        page: list[Block] = [Heading(self.voice("level.stopped-title")), Text(self.voice("level.stopped"))]
        buttons = [Button(self.voice("level.go-on"), self.go())]
        if self.walk.latest():
            buttons.append(Button(self.voice("level.answers"), self.go(step="review")))
        if last and self.walk.state(last):
            page += [Text(self.voice("level.last", answer=self.said(last))), self.quote(last)]
            page.append(citation(self.desk, self.voice, last.cell))
            buttons = [*self._answers(last), *buttons]
        else:
            buttons.append(Button(self.voice("level.elsewhere"), self.go(step="begin")))
        return (*page, Note(self.voice("level.only-you")), Buttons(tuple(buttons)))

    def review(self) -> Page:
        """The answers so far by level, highest first, and a menu to change one."""
        levels = [answered for level in reversed(self.walk.asked) if (answered := self.walk.answered(level))]
        steps = [step for answered in levels for step in answered]
        page: list[Block] = [Heading(self.voice("level.review", role=self.role))]
        on = Button(self.voice("level.go-on"), self.go())
        if not steps:
            return (*page, Text(self.voice("level.review-none")), Buttons((on,)))
        for answered in levels:
            items = (Item(fragment(step.clause, self.voice), self.said(step)) for step in answered)
            page += [Heading(self.level(answered[0])), Bullets(tuple(items))]
        choices = tuple(Choice(fragment(step.clause, self.voice), step.clause.id) for step in steps)
        change = Menu(Picker("clause", self.voice("level.change-one"), choices[: pick.MOST_CHOICES]), self.go())
        others = [Button(self.voice("level.see-result"), self.go(step="result"))]
        if any(self.walk.state(step) in (State.NOT_YET, State.SKIPPED) for step in steps):
            others.append(Button(self.voice("level.again"), self.go(step="again")))
        others.append(Button(self.voice("level.elsewhere"), self.go(step="begin")))
        cited = citation(self.desk, self.voice, *dict.fromkeys(step.cell for step in steps))
        return (*page, cited, Note(self.voice("level.private")), change, Buttons((on, *others)))

    def contradiction(self, lower: Step, upper: Step, told: Iterable[Block]) -> Page:
        """Two answers that seem not to fit: both can be right, or either one is corrected."""
        right = self.about(lower, answer="not-yet", sure=True)
        changes: tuple[tuple[Step, Answer], ...] = (
            (lower, "yes"),
            (lower, "partly"),
            (upper, "partly"),
            (upper, "not-yet"),
        )
        return (
            Heading(self.voice("level.contradiction-title")),
            *told,
            Text(self.voice("level.contradiction", lower=self.level(lower), upper=self.level(upper))),
            Text(self._change(upper, "yes")),
            self.quote(upper),
            Text(self._change(lower, "not-yet")),
            self.quote(lower),
            citation(self.desk, self.voice, upper.cell, lower.cell),
            Buttons(
                (
                    Button(self.voice("level.both-right"), right, "primary"),
                    *(Button(self._change(step, answer), self.about(step, answer=answer)) for step, answer in changes),
                    Button(self.voice("level.stop"), self.go(step="stop")),
                )
            ),
        )

    def noted(self, step: Step, *, example: bool) -> Text:
        """What was just answered, so that a slip is seen."""
        key = "level.noted-example" if example else "level.noted"
        return Text(self.voice(key, answer=self.said(step), text=fragment(step.clause, self.voice)))

    def moved(self, step: Step, level: str) -> Text:
        """Why the next question is about another level."""
        up = self.walk.ladder.index(level) > self.walk.ladder.index(step.cell.level)
        after = level_name(self.desk, self.voice, level)
        return Text(self.voice("level.up" if up else "level.down", before=self.level(step), level=after))

    @property
    def role(self) -> str:
        """The role's name."""
        return role_name(self.desk, self.voice, self.walk.role)

    def level(self, step: Step) -> str:
        """The name of a clause's level."""
        return level_name(self.desk, self.voice, step.cell.level)

    def said(self, step: Step) -> str:
        """What was answered, in words."""
        state = self.walk.state(step)
        assert state
        return self.voice(f"level.said.{state}")

    def quote(self, step: Step) -> Quote:
        """The clause's own words."""
        return Quote(fragment(step.clause, self.voice), step.clause.text.best(self.voice.lang)[1])

    def go(self, **fields: Any) -> FindLevel:
        """A step of this walk."""
        return FindLevel(role=self.walk.role, **fields)

    def about(self, step: Step, /, **fields: Any) -> FindLevel:
        """A step of this walk that is about one clause."""
        return FindLevel(role=step.cell.role, level=step.cell.level, clause=step.clause.id, **fields)

    def _change(self, step: Step, answer: Answer) -> str:
        return self.voice("level.change", level=self.level(step), answer=self.voice(f"level.answer.{answer}"))

    def _answers(self, step: Step) -> tuple[Button, ...]:
        """A button for each answer; what is answered already cannot be skipped any more."""
        return tuple(
            Button(self.voice(f"level.answer.{answer}"), self.about(step, answer=answer))
            for answer in ANSWERS
            if answer != "skip" or self.walk.state(step) is None
        )
