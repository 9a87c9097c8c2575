"""Documents: what is said in a reply stands in the files word for word, and nothing in it is obeyed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from handlers.document import to_html, to_markdown
from handlers.plain import clean, plain_block
from handlers.reply import (
    Block,
    Bullets,
    Buttons,
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
from tests.replies import blocks_of, short_texts

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

OURS = {"main", "h1", "h2", "p", "strong", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption"} | {
    *("thead", "tbody", "tr", "th", "td", "figure", "figcaption", "span", "a")
}
"""The elements that a document is made of."""

LIVE = {"em_open", "code_inline", "image", "html_inline", "html_block", "s_open", "fence", "code_block", "hr"}
"""What no document has: mark-up that stood in somebody's text."""

UNPRESSABLE = (Buttons, Menu, Form, File)


class Page(HTMLParser):
    """The elements, the links and the text of a page's body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.langs: list[str] = []
        self.feed(html.partition("<body>")[2].partition("</body>")[0])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the element, and where it leads."""
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.langs += [value or "" for name, value in attrs if name == "lang"]
        assert {name for name, _ in attrs} <= {"class", "lang", "scope", "start", "href", "rel"}

    def handle_data(self, data: str) -> None:
        """Notes the text."""
        self.texts.append(data)


def tokens(markdown: str) -> list[Token]:
    """Every token of a Markdown document, those inside of lines as well."""
    return [one for token in PARSER.parse(markdown) for one in (token, *(token.children or ()))]


def words(*texts: str) -> list[str]:
    """The words and signs of texts, without what a document cannot hold and without marks of lists."""
    return [one for text in texts for one in re.findall(r"\w+|[^\w\s]", clean(text))]


def said(block: Block) -> list[str]:
    """What a block says in its plain form, without the marks that belong to that form."""
    match block:
        case Quote(text):
            return words(text)
        case Bullets(items):
            return words(*(f"{f'{item.label}: ' if item.label else ''}{item.text} {item.detail}" for item in items))
        case Facts(rows):
            return words(*(part for row in rows for part in row))
        case Table(caption, header, rows):
            return words(caption, *header, *(cell for row in rows for cell in row))
        case _:
            return words(plain_block(block))


@given(blocks_of(short_texts, large=False))
@example(Text("<b>bold</b> &amp; <script>alert(1)</script>"))
@example(Text("https://example.com/?a=1&b=<2>"))
def test_html_holds_the_words_and_no_mark_up(block: Block) -> None:
    """A page of HTML reads back as what was said, has no element but its own, and leads only where it says."""
    page = Page(to_html((block,), "title", "en"))
    assert set(page.elements) <= OURS
    assert all(link.lower().startswith(("http://", "https://")) and link in "".join(page.texts) for link in page.links)
    if isinstance(block, UNPRESSABLE):
        assert page.elements == ["main"]
    else:
        shown = words(*page.texts)
        colons = 1 if isinstance(block, Facts) else 0
        assert [one for one in shown if one != ":" or not colons] == [
            one for one in said(block) if one != ":" or not colons
        ]


@given(blocks_of(short_texts, large=False))
@example(Heading("# C #"))
@example(Heading("C ## https://example.com/#a"))
@example(Progress("# head", 1, 2))
@example(Text("1. one"))
@example(Text("- a\n- b\n\n# c\n> d\n\n    e\n---\n==="))
@example(Text("__a__ a__b__c _d_ e_f"))
@example(Text("|a|b|\n|---|---|\n|c|d|"))
@example(Text("[a]: https://example.com\n![a](https://example.com)"))
@example(Bullets((Item("# a\n- b", "**c**", "1. d\n2. e"),)))
def test_markdown_holds_the_words_and_no_mark_up(block: Block) -> None:
    """A Markdown document reads back as what was said, and nothing in people's texts is mark-up."""
    markdown = to_markdown((block,))
    parsed = tokens(markdown)
    assert not {token.type for token in parsed} & LIVE
    links = [str(token.attrs["href"]) for token in parsed if token.type == "link_open"]
    assert all(link.lower().startswith(("http://", "https://")) for link in links)
    if isinstance(block, UNPRESSABLE):
        assert markdown == "\n"
        return
    shown = "".join(token.content if token.type == "text" else " " for token in parsed if token.type != "inline")
    kept = {":"} if isinstance(block, Facts) else set()
    assert [one for one in words(shown) if one not in kept] == [one for one in said(block) if one not in kept]
    opened = {token.type for token in PARSER.parse(markdown) if token.nesting == 1 and token.level == 0}
    assert opened <= BLOCKS[type(block).__name__]


BLOCKS = {
    "Heading": {"heading_open"},
    "Text": {"paragraph_open"},
    "Quote": {"blockquote_open"},
    "Bullets": {"bullet_list_open", "ordered_list_open"},
    "Facts": {"bullet_list_open"},
    "Table": {"paragraph_open", "table_open"},
    "Progress": {"paragraph_open"},
    "Chart": {"paragraph_open", "bullet_list_open"},
    "Note": {"paragraph_open"},
}
"""What each kind of block is in Markdown, outermost."""


@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_page_stands_alone(lang: str) -> None:
    """A page names its language and that of a quotation, and loads nothing from anywhere."""
    html = to_html((Heading("A title"), Quote("Designs.", "en"), Note("a note")), "A <title>", lang)
    assert f'<html lang="{lang}">' in html
    assert Page(html).langs == ["en"]
    assert "<title>A &lt;title&gt;</title>" in html
    assert "default-src 'none'" in html
    assert not re.search(r"src=|@import|url\(|<script|<link", html)


def test_addresses_become_links() -> None:
    """What begins with http or https is a link to just that; other schemes and half an address are text."""
    text = "See https://example.com/a_b?c=1&d=2. Or (http://example.org), not javascript:alert(1) or https://"
    assert Page(to_html((Text(text),), "t", "en")).links == ["https://example.com/a_b?c=1&d=2", "http://example.org"]
    found = [token.attrs["href"] for token in tokens(to_markdown((Text(text),))) if token.type == "link_open"]
    assert found == ["https://example.com/a_b?c=1&d=2", "http://example.org"]


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/wiki/Canary_(release)",
        "https://example.com/a_",
        "https://example.com/a|b?c='d'&e={f}.",
        'https://example.com/"a"\\`b`<c>',
        "HTTPS://example.com/A",
    ],
)
def test_an_address_that_stands_alone_is_linked_whole(link: str) -> None:
    """A link that somebody noted leads where they said, whatever is in it."""
    assert Page(to_html((Facts((("Link", link),)),), "t", "en")).links == [link]
    for block in (Facts((("Link", link),)), Table("", ("a",), ((link,),))):
        (found,) = [one.attrs["href"] for one in tokens(to_markdown((block,))) if one.type == "link_open"]
        assert unquote(str(found)) == link


def test_an_address_behind_words_keeps_what_belongs_to_it() -> None:
    """Brackets that it opens and a line at its end are the address's, punctuation behind it is the sentence's."""
    text = 'Evidence: it (https://example.com/a_(b)_), https://example.com/a|b, "https://example.com/c".'
    links = ["https://example.com/a_(b)_", "https://example.com/a|b", "https://example.com/c"]
    assert Page(to_html((Text(text),), "t", "en")).links == links
    found = [token.attrs["href"] for token in tokens(to_markdown((Text(text),))) if token.type == "link_open"]
    assert [unquote(str(one)) for one in found] == links
