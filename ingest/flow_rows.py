"""Lines of a table without cells → its header lines and its rows: codes, label and amounts in order.

What is a code, a label, an amount is decided by shape and place alone; the columns are not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from mingzhang.ingest.amounts import decimals_printed, fold_digits, parse_amount
from mingzhang.ingest.document import Amount
from mingzhang.ingest.flow_sheets import Sheet, SheetLine
from mingzhang.ontology.lexicon import normal_text

_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_DECIMAL = r"[0-9]+\.[0-9]+"
_BARE = r"[0-9]+"
# A number with a thousands comma or a decimal point is told from a label even without a space; a bare one is not.
_TOKEN = re.compile(
    rf"(?P<money>(?<![0-9.,A-Za-z])-?(?:{_GROUPED}|{_DECIMAL})(?![0-9A-Za-z%％]|[.,][0-9]))"
    rf"|(?P<bare>(?<!\S)-?{_BARE}(?!\S))"
    r"|(?P<dash>(?<!\S)[-—–－―]+(?!\S))"
    r"|(?P<text>\S)"
)
# A bare （一） is the tail of a heading such as 资本性支出（一）; an enumeration has its label behind it.
_STARTER = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|[0-9]+[、．]|其中[:：])(?=.)"
)
_TOTAL = re.compile(r"^(?:总?合计|总计|小计|共计|本年(?:收入|支出)合计|(?:收入|支出)(?:合计|总计))[:：]?$")
_CLASS_CODE = re.compile(r"2[0-3][0-9]|30[1-9]|31[0-3]|399|50[1-9]|51[0-5]|599")
_FULL_CODE = re.compile(
    r"(?:2[0-3][0-9]|30[1-9]|31[0-3]|399)(?:[0-9]{2}){1,2}|(?:50[1-9]|51[0-5]|599)[0-9]{2}"
)
_UNIT_LABEL = re.compile(r"^([0-9]{3,9})[-—](?=[^0-9\s])")
_BRACKETED = re.compile(r"^[\[［]([0-9]{3,7})[\]］]")
_INDEX_WORD = re.compile(r"^[*＊]+$|^(?:栏次|行次)$")
_SIDES = re.compile(r"收入(?:\([^()]*\))?支出(?:\([^()]*\))?")
_CODE_HEADER = re.compile(r"类款项?$")
_CAPTION = re.compile(
    r"^(?:附?表|.{0,6}公开表)[-0-9一二三四五六七八九十]*[:：]?$|^[-—]?[0-9]{1,3}[-—]?$|^(?:部门|单位)(?:名称)?[:：]"
)


@dataclass(frozen=True)
class Piece:
    """One labelled stretch of a line: `codes` in front, the label, the amounts behind; None for a printed dash."""

    codes: tuple[str, ...]
    label: str
    amounts: tuple[Amount | None, ...]


@dataclass(frozen=True)
class FlowRow:
    """A row: its pieces (one, or one a label where a line carries several), from the line of its first piece.

    `fragment` is a code's last two digits alone, as printed (`05` below `208`); `indent` the blanks in front.
    """

    line: int
    pieces: tuple[Piece, ...]
    indent: int = 0

    @property
    def amounts(self) -> tuple[Amount | None, ...]:
        """All amounts of the row, in order, dashes as None."""
        return tuple(amount for piece in self.pieces for amount in piece.amounts)


@dataclass(frozen=True)
class SheetBody:
    """A sheet split into header lines in print order (`streams`: before and after its rows) and rows."""

    streams: tuple[tuple[SheetLine, ...], ...]
    rows: tuple[FlowRow, ...]
    two_sided: bool
    numbered: ColumnNumbers | None = None


@dataclass(frozen=True)
class ColumnNumbers:
    """A line that numbers the columns: the highest number, and whether ** stands over labels and codes."""

    count: int
    starred: bool


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


def read_body(sheet: Sheet) -> SheetBody:
    """Header lines and rows of a sheet."""
    numbers = [found for line in sheet.lines if (found := column_numbers(line.text))]
    lines = [
        line
        for line in sheet.lines
        if not _CAPTION.match(normal_text(line.text)) and not column_numbers(line.text)
    ]
    two_sided = _is_two_sided(lines)
    first = next((i for i, line in enumerate(lines) if _begins_rows(lines, i)), len(lines))
    last = min(first + 1, len(lines))
    for i in range(first, len(lines)):
        if has_amount(lines[i].text) or _starts_row(lines[i].text) or _wanted_tail(lines, i):
            last = i + 1
    before, rows, after = lines[:first], list(lines[first:last]), lines[last:]
    middle = [line for line in rows if two_sided is False and _is_header_word(line, rows)]
    if rows and (cut := _header_in_front(rows[0])) is not None:
        before = [*before, cut[0]]
        rows[0] = cut[1]
    body = tuple(_side_rows(rows) if two_sided else _plain_rows(rows))
    streams = tuple(
        tuple(stream)
        for stream in (*_split_at(before, sheet.title_line), *_split_at([*middle, *after], sheet.title_line))
        if stream
    )
    return SheetBody(streams, body, two_sided, numbers[0] if numbers else None)


def _split_at(lines: Sequence[SheetLine], number: int) -> tuple[list[SheetLine], list[SheetLine]]:
    """Lines before and after a line: the title splits a header whose two halves were extracted apart."""
    return [line for line in lines if line.number < number], [line for line in lines if line.number > number]


@lru_cache(maxsize=8192)
def tokens_of(text: str) -> tuple[_Token, ...]:
    """The tokens of a line: `money` (a number with comma or point), `bare`, `dash`, `text` (one word)."""
    found: list[_Token] = []
    word: tuple[int, int] | None = None
    for match in _TOKEN.finditer(fold_digits(text)):
        kind = match.lastgroup or "text"
        if kind == "text" and word is not None and word[1] == match.start():
            word = (word[0], match.end())
            continue
        if word is not None:
            found.append(_Token("text", text[word[0] : word[1]], word[0] + 1))
            word = None
        if kind == "text":
            word = match.span()
        else:
            found.append(_Token(kind, text[match.start() : match.end()], match.start() + 1))
    if word is not None:
        found.append(_Token("text", text[word[0] : word[1]], word[0] + 1))
    return tuple(found)


def has_amount(text: str) -> bool:
    """Whether a line ends in a number, or holds one with a comma or point."""
    tokens = tokens_of(text)
    return any(token.kind == "money" for token in tokens) or bool(
        tokens and tokens[-1].kind == "bare" and (len(tokens) > 1) and not _is_year(tokens[-1])
    )


def column_numbers(text: str) -> ColumnNumbers | None:
    """What a line says that numbers the columns (`** ** 1 2 3`, `栏次 1 栏次 2`); None for any other line."""
    tokens = tokens_of(text)
    numbers = [int(fold_digits(t.text)) for t in tokens if t.kind == "bare" and "-" not in t.text]
    words = [normal_text(t.text) for t in tokens if t.kind != "bare"]
    if not numbers or not all(_INDEX_WORD.match(word) for word in words) or (len(numbers) < 2 and not words):
        return None
    counted = numbers[0] in (0, 1) and all(b == a + 1 for a, b in pairwise(numbers))
    return ColumnNumbers(numbers[-1], any("*" in word or "＊" in word for word in words)) if counted else None


def _is_year(token: _Token) -> bool:
    return bool(re.fullmatch(r"(?:19|20)[0-9]{2}", fold_digits(token.text)))


def _is_two_sided(lines: Sequence[SheetLine]) -> bool:
    """Whether a sheet's header names both 收入 and 支出 as its sides."""
    names = [normal_text(line.text) for line in lines[:12]]
    return any(_SIDES.fullmatch(name) for name in (*names, *(a + b for a, b in pairwise(names))))


def _begins_rows(lines: Sequence[SheetLine], index: int) -> bool:
    text = lines[index].text
    if has_amount(text):
        return True
    if _starts_row(text):
        return True
    # 合计 is a row only below 类 款 项, the last line of a header; above it, it is a heading.
    name = normal_text(text)
    return (
        bool(_TOTAL.match(name))
        and index > 0
        and bool(_CODE_HEADER.search(normal_text(lines[index - 1].text)))
    )


def _starts_row(text: str) -> bool:
    """Whether a line begins with a code or an enumeration, as only rows do."""
    tokens = tokens_of(text)
    if not tokens:
        return False
    folded = fold_digits(text.strip())
    if _STARTER.match(normal_text(text)) or _UNIT_LABEL.match(folded) or _BRACKETED.match(folded):
        return True
    first = fold_digits(tokens[0].text)
    if tokens[0].kind != "bare":
        return False
    behind = next((token.kind for token in tokens if token.kind != "bare"), "")
    if behind == "text":
        return bool(re.fullmatch(r"[0-9]{2,3}|[0-9]{5,9}", first)) and not _is_year(tokens[0])
    return len(tokens) == 1 and bool(_FULL_CODE.fullmatch(first))


def _wanted_tail(lines: Sequence[SheetLine], index: int) -> bool:
    """Whether a line without code and amount still stands inside the rows: amounts follow it."""
    return any(has_amount(line.text) or _starts_row(line.text) for line in lines[index + 1 : index + 4])


def _is_header_word(line: SheetLine, rows: Sequence[SheetLine]) -> bool:
    """Whether a line among rows is a repeated header (below a title that stands between rows)."""
    return bool(re.search(r"科目名称|科目编码|单位名称$", normal_text(line.text))) and not has_amount(
        line.text
    )


def _header_in_front(line: SheetLine) -> tuple[SheetLine, SheetLine] | None:
    """`类 款 项 合计 29,331.60` → the header's last words and the first row, else None."""
    match = re.match(r"^(\s*(?:类\s*款(?:\s*项)?|款\s*项|项))\s+(?=\S)", line.text)
    if match is None or not has_amount(line.text):
        return None
    # The row keeps its place on the line: amounts know at which character they stand.
    rest = " " * match.end() + line.text[match.end() :]
    return SheetLine(line.number, match.group(1)), SheetLine(line.number, rest)


def _amount(token: _Token, line: int, nth: int) -> Amount:
    return Amount(token.text, parse_amount(token.text), decimals_printed(token.text), line, nth, token.start)


def _pieces(line: SheetLine, codes_in_labels: bool) -> list[Piece]:
    """The labelled stretches of a line. A bare number is a code in front of a label, an amount behind it."""
    tokens = tokens_of(line.text)
    pieces: list[Piece] = []
    codes: list[str] = []
    words: list[_Token] = []
    amounts: list[Amount | None] = []
    nth = 0
    for place, token in enumerate(tokens):
        following = next((t.kind for t in tokens[place + 1 :] if t.kind != "bare"), "")
        code_here = token.kind == "bare" and not amounts and following == "text" and "-" not in token.text
        if token.kind == "text" or code_here:
            if amounts:
                pieces.append(Piece(tuple(codes), _joined(words), tuple(amounts)))
                codes, words, amounts = [], [], []
            if token.kind == "text":
                words.append(token)
            elif not words or (codes_in_labels and _FULL_CODE.fullmatch(fold_digits(token.text))):
                codes.append(fold_digits(token.text))
                if words:
                    # The second label names the second code; the first one names the row.
                    pieces.append(Piece(tuple(codes[:-1]), _joined(words), ()))
                    codes, words = [codes[-1]], []
            else:
                words.append(token)
        elif token.kind == "dash":
            amounts.append(None)
        else:
            nth += 1
            amounts.append(_amount(token, line.number, nth))
    pieces.append(Piece(tuple(codes), _joined(words), tuple(amounts)))
    return pieces


def _joined(words: Sequence[_Token]) -> str:
    """A label from its words: spaces that only stretch it (`合  计`) go, others stay as one."""
    text = " ".join(word.text for word in words)
    return re.sub(
        r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff](?:\s|$))|(?<=^[\u4e00-\u9fff]) ", "", text
    ).strip()


def _plain_rows(lines: Sequence[SheetLine]) -> list[FlowRow]:
    """Rows of a one-sided table, labels joined over broken lines."""
    rows: list[FlowRow] = []
    pending: FlowRow | None = None
    coded = sum(_starts_row(line.text) for line in lines) * 2 >= len([x for x in lines if has_amount(x.text)])
    for index, line in enumerate(lines):
        if _is_header_word(line, lines):
            continue
        row = _plain_row(line)
        starts = _starts_row(line.text) or bool(_TOTAL.match(normal_text(row.pieces[0].label)))
        bare_number = len(row.amounts) == 1 and not row.pieces[0].label and not _has_money(line.text)
        if bare_number and not row.pieces[0].codes:
            continue  # a page number: money in a row of its own has a point or comma
        if pending is not None and not starts and (row.amounts or coded):
            pending = _continued(pending, row)
        elif (
            pending is None
            and rows
            and not starts
            and not row.amounts
            and coded
            and not _amounts_next(lines, index)
        ):
            rows[-1] = _tailed(rows[-1], row)
            continue
        else:
            if pending is not None:
                rows.append(pending)
            pending = row
        if pending.amounts:
            rows.append(pending)
            pending = None
    if pending is not None:
        rows.append(pending)
    return rows


def _plain_row(line: SheetLine) -> FlowRow:
    tokens = tokens_of(line.text)
    indent = len(line.text) - len(line.text.lstrip())
    if len(tokens) == 1 and tokens[0].kind == "bare" and _FULL_CODE.fullmatch(fold_digits(tokens[0].text)):
        return FlowRow(line.number, (Piece((fold_digits(tokens[0].text),), "", ()),), indent)
    pieces = _pieces(line, codes_in_labels=True)
    first = pieces[0]
    bracketed = _BRACKETED.match(fold_digits(first.label))
    if bracketed and not first.codes:
        first = replace(first, codes=(bracketed.group(1),), label=first.label[bracketed.end() :].strip())
    match = _UNIT_LABEL.match(fold_digits(first.label))
    if match and not first.codes:
        first = replace(first, codes=(match.group(1),))
    return FlowRow(line.number, (first, *pieces[1:]), indent)


def _has_money(text: str) -> bool:
    return any(token.kind == "money" for token in tokens_of(text))


def _amounts_next(lines: Sequence[SheetLine], index: int) -> bool:
    """Whether the next line but label lines holds amounts and no label: it belongs to this label."""
    for line in lines[index + 1 :]:
        row = _plain_row(line)
        if row.amounts:
            return not row.pieces[0].label and not row.pieces[0].codes
        if _starts_row(line.text):
            return False
    return False


def _continued(row: FlowRow, more: FlowRow) -> FlowRow:
    """A row whose label or amounts go on in the next line."""
    *before, last = row.pieces
    first, *rest = more.pieces
    joined = replace(last, label=last.label + first.label, amounts=last.amounts + first.amounts)
    return replace(row, pieces=(*before, joined, *rest))


def _tailed(row: FlowRow, tail: FlowRow) -> FlowRow:
    """A finished row whose label ends in the next line."""
    first, *rest = row.pieces
    return replace(row, pieces=(replace(first, label=first.label + tail.pieces[0].label), *rest))


def _side_rows(lines: Sequence[SheetLine]) -> list[FlowRow]:
    """Rows of a two-sided table: one line each, one piece a label."""
    rows = []
    for line in lines:
        pieces = [part for piece in _pieces(line, codes_in_labels=False) for part in _split_labels(piece)]
        rows.append(FlowRow(line.number, tuple(pieces), len(line.text) - len(line.text.lstrip())))
    return rows


def _split_labels(piece: Piece) -> list[Piece]:
    """A piece of two labels (`六、其他收入 六、科学技术支出`) as two; the amounts belong to the last one."""
    compact = _compact(piece.label)
    parts = compact.split(" ")
    if len(parts) < 2:
        return [replace(piece, label=compact)]
    return [Piece((), part, ()) for part in parts[:-1]] + [replace(piece, label=parts[-1])]


def _compact(label: str) -> str:
    """Single characters set apart (`本 年 收 入 合 计`) as one word."""
    words: list[str] = []
    single = False
    for word in label.split():
        if len(word) == 1 and words and single:
            words[-1] += word
        else:
            words.append(word)
            single = len(word) == 1
    return " ".join(words)


def class_code(codes: Sequence[str]) -> bool:
    """Whether the first of the printed codes is a class (`208`, `301`, `501`)."""
    return bool(codes) and bool(_CLASS_CODE.fullmatch(codes[0]))


def full_code(code: str) -> bool:
    """Whether a printed number is a whole classification code."""
    return bool(_CLASS_CODE.fullmatch(code) or _FULL_CODE.fullmatch(code))
