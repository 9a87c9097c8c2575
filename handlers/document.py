"""Blocks as a document to keep, to print or to pass on: Markdown, and a page of HTML that needs nothing else.

What can only be pressed is left out. Mark-up in what people or authors wrote is shown, never obeyed; only an address
that begins with http:// or https:// becomes a link, and it is shown as it is, as far as Markdown can hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import assert_never

from handlers.plain import clean, counted
from handlers.reply import (
    Block,
    Bullets,
    Buttons,
    Chart,
    Facts,
    File,
    Form,
    Heading,
    Item,
    Menu,
    Note,
    Progress,
    Quote,
    Table,
    Text,
)

_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_BEHIND_LINK = ".,;:!?'\"*~`\\|([{"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_NOT_IN_MARKDOWN = str.maketrans({one: f"%{ord(one):X}" for one in '<>\\`"|'})
_INLINE = re.compile(r"[\\`*\[\]<&|~$]|(?<![^\W_])_|_(?![^\W_])")
_OPENING = re.compile(r"^(?:[#+=>-]|(\d{1,9})(?=[.)]))")

STYLE = """\
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5a6270; --line: #d5d9e0; --page: #fff; --link: #0b57c4 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #a6adb8; --line: #3a404b; --page: #16181d; --link: #8ab4f8 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; overflow-wrap: anywhere }
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.2 }
h2 { margin: 1.6rem 0 .5rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); font-size: 1.1rem }
p, ul, ol, dl, blockquote, table, figure { margin: .5rem 0 }
ul, ol { padding-left: 1.3rem }
li { margin: .45rem 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem }
dt, .detail, .note, caption, figcaption { color: var(--soft) }
dd { margin: 0 }
.detail { display: block; font-size: .92em }
.note { font-size: .87em }
.lines { white-space: pre-line }
blockquote { padding-left: .9rem; border-left: 3px solid var(--line) }
table { width: 100%; border-collapse: collapse }
caption { text-align: left }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
a { color: var(--link) }
@page { size: A4; margin: 16mm }
@media print {
  :root { --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --link: #000 }
  body { font-size: 10pt }
  main { max-width: none; padding: 0 }
  h2 { break-after: avoid }
  li, tr { break-inside: avoid }
}
"""


def to_markdown(blocks: Iterable[Block]) -> str:
    """The blocks as CommonMark, with tables as GitHub draws them."""
    parts = (_markdown(block, opens=place == 0) for place, block in enumerate(blocks))
    return "\n\n".join(part for part in parts if part) + "\n"


def to_html(blocks: Iterable[Block], title: str, lang: str) -> str:
    """The blocks as one page that loads nothing, for a screen in light or dark and for paper."""
    parts = (_html(block, opens=place == 0) for place, block in enumerate(blocks))
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="{_tame(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_tame(_line(title))}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _line(text: str) -> str:
    """Text on one line."""
    return " ".join(clean(text).split())


def _linked(text: str, word: Callable[[str], str], link: Callable[[str], str]) -> str:
    """Text with addresses made links and everything else made harmless."""
    if _ADDRESS.fullmatch(text):
        return link(text)
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = _trimmed(found[0])
        if _ADDRESS.fullmatch(address):
            parts += [word(text[end : found.start()]), link(address)]
            end = found.start() + len(address)
    return "".join([*parts, word(text[end:])])


def _trimmed(link: str) -> str:
    """An address without the punctuation of the sentence around it; what it has opened it may close."""
    while link:
        last = link[-1]
        closes = last in _CLOSING and link.count(last) > link.count(_CLOSING[last])
        if not closes and last not in _BEHIND_LINK:
            break
        link = link[:-1]
    return link


def _markdown(block: Block, *, opens: bool) -> str:
    match block:
        case Heading(text):
            title = re.sub("#$", r"\\#", _mark(_line(text)))
            return f"{'#' if opens else '##'} {title}".rstrip()
        case Text(text, strong):
            return _strong(text) if strong else _paragraph(text)
        case Quote(text):
            return "\n".join(f"> {line}" for line in _paragraph(text).split("\n"))
        case Bullets(items, numbered, first):
            marks = [f"{place}." if numbered else "-" for place in range(first, first + len(items))]
            return "\n".join(map(_entry, marks, items))
        case Facts(rows):
            return "\n".join(f"- {_strong(label)}: {_mark(_line(value))}".rstrip() for label, value in rows)
        case Table(caption, header, rows):
            lines = [header, ("---",) * len(header)]
            table = "\n".join(
                f"| {' | '.join(cells)} |" for cells in [_cells(header), lines[1], *(_cells(row) for row in rows)]
            )
            return "\n\n".join(part for part in (_paragraph(caption), table) if part)
        case Progress(label, done, total):
            return f"{_mark(_line(label), opens=True)}: {done}/{total}"
        case Chart(caption, parts, bars):
            lines_of = [f"- {_strong(bar.label)}: {_mark(_line(counted(parts, bar.counts)))}" for bar in bars]
            return "\n\n".join(part for part in (_paragraph(caption), "\n".join(lines_of)) if part)
        case Note(text, by):
            return _paragraph(f"{text} {by}" if by else text)
        case Buttons() | Menu() | Form() | File():
            return ""
        case _:
            assert_never(block)


def _mark(text: str, *, opens: bool = False) -> str:
    """One line with its mark-up made harmless; `opens` when it stands at the beginning of a line."""

    def word(part: str) -> str:
        return _INLINE.sub(r"\\\g<0>", part)

    marked = _linked(text, word, lambda link: f"<{link.translate(_NOT_IN_MARKDOWN)}>")
    return _OPENING.sub(_harmless, marked) if opens else marked


def _harmless(found: re.Match[str]) -> str:
    """The first sign of a line without its meaning: a backslash before it, or behind a number."""
    return f"{found[1]}\\" if found[1] else f"\\{found[0]}"


def _paragraph(text: str) -> str:
    """Text whose line breaks stay."""
    lines = [_line(line) for line in clean(text).split("\n")]
    return "\\\n".join(_mark(line, opens=True) for line in lines if line)


def _strong(text: str) -> str:
    marked = _mark(_line(text))
    return f"**{marked}**" if marked else ""


def _entry(mark: str, item: Item) -> str:
    """An entry of a list; what follows its first line hangs below it."""
    label = f"{_strong(item.label)}: " if item.label else ""
    first = label + _mark(_line(item.text), opens=not label)
    lines = [first, *(_paragraph(item.detail).split("\\\n") if item.detail else ())]
    indent = "\n" + " " * (len(mark) + 1)
    return f"{mark} " + f"\\{indent}".join(line for line in lines if line)


def _cells(cells: Iterable[str]) -> list[str]:
    return [_mark(_line(cell)) for cell in cells]


def _html(block: Block, *, opens: bool) -> str:
    match block:
        case Heading(text):
            return f"<h1>{_inline(text)}</h1>" if opens else f"<h2>{_inline(text)}</h2>"
        case Text(text, strong):
            return f'<p class="lines">{f"<strong>{_inline(text)}</strong>" if strong else _inline(text)}</p>'
        case Quote(text, lang):
            return f'<blockquote class="lines" lang="{_tame(lang)}">{_inline(text)}</blockquote>'
        case Bullets(items, numbered, first):
            entries = "\n".join(f"<li>{_html_item(item)}</li>" for item in items)
            return f'<ol start="{first}">\n{entries}\n</ol>' if numbered else f"<ul>\n{entries}\n</ul>"
        case Facts(rows):
            pairs = "\n".join(f"<dt>{_inline(label)}</dt><dd>{_inline(value)}</dd>" for label, value in rows)
            return f"<dl>\n{pairs}\n</dl>"
        case Table(caption, header, rows):
            head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in header)
            body = "\n".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rows)
            title = f"<caption>{_inline(caption)}</caption>\n" if caption else ""
            return f"<table>\n{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        case Progress(label, done, total):
            return f"<p>{_inline(label)}: {done}/{total}</p>"
        case Chart(caption, parts, bars):
            lines = "\n".join(
                f"<li><strong>{_inline(bar.label)}</strong>: {_inline(counted(parts, bar.counts))}</li>" for bar in bars
            )
            return f"<figure>\n<figcaption>{_inline(caption)}</figcaption>\n<ul>\n{lines}\n</ul>\n</figure>"
        case Note(text, by):
            return f'<p class="note lines">{_inline(f"{text} {by}" if by else text)}</p>'
        case Buttons() | Menu() | Form() | File():
            return ""
        case _:
            assert_never(block)


def _html_item(item: Item) -> str:
    label = f"<strong>{_inline(item.label)}:</strong> " if item.label else ""
    detail = f'<span class="detail lines">{_inline(item.detail)}</span>' if item.detail else ""
    return f"{label}{_inline(item.text)}{detail}"


def _tame(text: str) -> str:
    return escape(clean(text))


def _inline(text: str) -> str:
    return _linked(
        clean(text), escape, lambda link: f'<a href="{escape(link)}" rel="noopener noreferrer">{escape(link)}</a>'
    )
