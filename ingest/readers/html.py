"""Web pages (.html, .htm, and what is a page under another name): paragraphs, tables, and the place of each.

Read as a browser would lay them out: spans as HTML defines them, entities resolved, what is not displayed left out. A
table that only arranges the page is read as what it arranges. Nothing is ever fetched: no image, frame, style or script.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mingzhang.errors import EmptyFile, NotText, Unsupported
from mingzhang.ingest.cell_blocks import Block, CellFile, CellTable, PlacedCell, Sheet, TextLine
from mingzhang.ingest.cell_document import cell_document
from mingzhang.ingest.document import Document, Source
from mingzhang.ingest.readers.inline_text import InlineText
from mingzhang.ingest.readers.span_grid import placed_in_grid

HTML = "text/html"
# What is no part of the text: HTML Living Standard §4.12, §15.3.1, and the parts of a page around its article.
_LEFT_OUT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "button",
    }
    | {"textarea", "datalist", "head", "nav", "footer", "aside", "xml"}
)
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
    }
    | {
        "figcaption",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
    }
    | {"p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_APART = frozenset({"sup", "sub", "s", "strike", "del", "ins"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration[^;]*line-through|vertical-align\s*:\s*su(?:per|b)", re.IGNORECASE)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
_DECLARED_IN_XML = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_\-]+)""")
_HEAD_BYTES = 4096
# Encoding Standard §4.2: these labels all mean what GB 18030 extends.
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "hz-gb-2312"})
_NOT_CHINESE = re.compile(r"iso-8859|windows-125|us-ascii|ascii|latin|utf-?(?:7|16|32)|ucs", re.IGNORECASE)
# A page of which more than this share of characters cannot be decoded is not to be read.
_ODD_SHARE = 0.001


def read_html(path: Path, data: bytes) -> Document:
    """The text and tables of a web page. Raises EmptyFile, NotText for an unknown encoding, or Unsupported."""
    return _document(path, data, data)


def read_mhtml(path: Path, data: bytes) -> Document:
    """The same for a page kept in one file with its pictures, as a mail is (RFC 2557)."""
    parts = message_from_bytes(data).walk()
    page = next((part for part in parts if part.get_content_type() == "text/html"), None)
    content = page.get_payload(decode=True) if page is not None else None
    if not isinstance(content, bytes):
        raise EmptyFile(str(path), "there is no page in it", "open it in its program and save it as .html")
    return _document(path, data, content)


def _document(path: Path, data: bytes, page: bytes) -> Document:
    """The document of a page. `data` are the bytes of the file, of which the page may be a part."""
    from lxml import etree  # type: ignore[import-untyped]

    text = _decoded(path, page)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    root = etree.fromstring(text.encode("utf-8", errors="replace") or b"<p>", parser)
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        # The parser left out what lies deeper than that: a page that is cut is not to be read as if it were whole.
        raise Unsupported(
            str(path),
            "its elements lie too deep inside one another",
            "open it in a browser and save it as PDF",
        )
    blocks: list[Block] = []
    if root is not None:
        blocks = [*_title(root), *_PageReader(root).blocks()]
    if not blocks:
        raise EmptyFile(str(path), "there is no text in it", "save the page again, as it is displayed")
    source = Source(path.name, hashlib.sha256(data).hexdigest(), len(data), HTML)
    return cell_document(CellFile(source, (Sheet(tuple(blocks)),)))


def _decoded(path: Path, data: bytes) -> str:
    """The page as text: by its byte order mark, what it declares, else UTF-8 or GB 18030."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:_HEAD_BYTES]
    declared = [found[1].decode() for p in (_DECLARED, _DECLARED_IN_XML) if (found := p.search(head))]
    # Encodings without Chinese, declared by programs that never looked, and those that need a byte order mark count not.
    names = [
        "gb18030" if name.lower() in _CHINESE else name for name in declared if not _NOT_CHINESE.match(name)
    ]
    for encoding in dict.fromkeys([*names, "utf-8", "gb18030"]):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    for encoding in dict.fromkeys([*names, "utf-8"]):
        try:
            text = data.decode(encoding, errors="replace")
        except LookupError:
            continue
        if text.count("\ufffd") <= _ODD_SHARE * len(text):
            return text
    raise NotText(str(path), "its characters are in no encoding we know", "save the page as UTF-8")


def _title(root: Any) -> Iterator[TextLine]:
    """The page's title, which names the disclosure where the page itself says little."""
    element = root.find("head/title")
    text = InlineText()
    if element is not None:
        text.add(" ".join((element.text or "").split()))
    if text.joined():
        yield TextLine(text.joined(), "title")


def _is_left_out(element: Any) -> bool:
    if element.tag in _LEFT_OUT or not isinstance(element.tag, str):
        return True
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _is_apart(element: Any) -> bool:
    return element.tag in _APART or bool(_STRUCK.search(element.get("style", "")))


class _PageReader:
    """Walks a page from the top; no recursion, since unclosed tags nest as deep as a page is long."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._tables = {table: number for number, table in enumerate(root.iter("table"), 1)}
        self._blocks: list[Block] = []
        self._text = InlineText()
        self._block: Any = root

    def blocks(self) -> list[Block]:
        from lxml import etree

        walk = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                self._begin(element, walk)
            else:
                self._end(element)
        self._flush()
        return self._blocks

    def _begin(self, element: Any, walk: Any) -> None:
        if _is_left_out(element):
            walk.skip_subtree()
            return
        if element.tag in _BLOCKS:
            self._flush()
            self._block = element
        if element.tag == "table" and not _arranges(element):
            self._blocks += [*self._caption(element), CellTable(tuple(self._cells(element)))]
            walk.skip_subtree()
        elif element.tag == "br":
            self._text.end_line()
        else:
            if _is_apart(element):
                self._text.part()
            self._text.add(_collapsed(element.text))

    def _end(self, element: Any) -> None:
        if element.tag in _BLOCKS and not _is_left_out(element):
            self._flush()
            self._block = element.getparent() if element.getparent() is not None else element
        elif _is_apart(element):
            self._text.part()
        self._text.add(_collapsed(element.tail))

    def _flush(self) -> None:
        text = self._text.joined()
        if text:
            self._blocks.append(TextLine(text, self._place(self._block)))
        self._text = InlineText()

    def _place(self, block: Any) -> str:
        """An element by its id, else by its path; a cell of a table that arranges the page by its path too."""
        own = block.get("id")
        path = block.getroottree().getpath(block)
        return quote(own, safe="") if own else f"xpath={quote(path, safe='/')}"

    def _caption(self, table: Any) -> Iterator[TextLine]:
        for caption in table.iterchildren("caption"):
            if text := _element_text(caption):
                yield TextLine(text, self._place(caption))

    def _cells(self, table: Any) -> Iterator[PlacedCell]:
        number = self._tables[table]
        every = list(table.iter("tr"))
        address = {row: place for place, row in enumerate(every, 1)}
        shown = [row for row in every if not _is_hidden(row, table)]
        row_at = {row: place for place, row in enumerate(shown)}
        for group in _row_groups(shown):
            cells = [[cell for cell in _row_cells(row) if not _is_left_out(cell)] for row in group]
            slots = placed_in_grid([[_spans(cell) for cell in own] for own in cells])
            for row, own, places in zip(group, cells, slots, strict=True):
                for cell, slot in zip(own, places, strict=True):
                    if text := _element_text(cell):
                        place = f"table={number}&cell={address[row]},{slot.column + 1}"
                        yield PlacedCell(
                            row_at[row], slot.column, slot.row_span, slot.column_span, text, place
                        )


def _arranges(table: Any) -> bool:
    """Whether a table only arranges the page: it holds others, or has one row or one column."""
    if next(table.iterdescendants("table"), None) is not None:
        return True
    widths = [len(_row_cells(row)) for row in table.iter("tr")]
    return len(widths) < 2 or max(widths) < 2


def _row_cells(row: Any) -> list[Any]:
    return [c for c in row.iterdescendants("td", "th") if next(c.iterancestors("tr"), None) is row]


def _row_groups(rows: list[Any]) -> list[list[Any]]:
    """Rows by the section (thead, tbody, tfoot) they stand in: no cell reaches beyond its section."""
    groups: list[list[Any]] = []
    for row in rows:
        if not groups or row.getparent() is not groups[-1][-1].getparent():
            groups.append([])
        groups[-1].append(row)
    return groups


def _is_hidden(row: Any, table: Any) -> bool:
    return any(_is_left_out(e) for e in (row, *row.iterancestors()) if e is row or table in e.iterancestors())


def _spans(cell: Any) -> tuple[int, int]:
    """Rows and columns that a cell asks for; 0 rows is all that follow in its section (HTML Living Standard §4.9.11)."""
    return _whole(cell.get("rowspan"), 65_534, 0), _whole(cell.get("colspan"), 1000, 1)


def _whole(text: str | None, most: int, least: int) -> int:
    found = re.match(r"\s*\+?([0-9]{1,9})", text or "")
    number = int(found[1]) if found else 1
    return number if least <= number <= most else most if number > most and least == 0 else 1


def _element_text(element: Any) -> str:
    """The text of a cell on one line."""
    from lxml import etree

    text = InlineText()
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        ends = inner.tag in _BLOCKS or inner.tag == "br"
        if event == "start" and inner is not element and _is_left_out(inner):
            walk.skip_subtree()
            continue
        if ends and inner is not element:
            text.end_line()
        elif inner is not element and _is_apart(inner):
            text.part()
        if event == "start":
            text.add(_collapsed(inner.text))
        elif inner is not element:
            text.add(_collapsed(inner.tail))
    return text.joined()


def _collapsed(text: str | None) -> str:
    """White space as a page shows it: any run of it is one space; no-break spaces stay."""
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")
