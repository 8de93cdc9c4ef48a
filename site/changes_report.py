"""What changed, written down: for people at a terminal, for programs (JSON, CSV), for feed readers (Atom).

The page is `templates/changes.html`; all of them are made from the same `Changes`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from mingzhang.site.changes import (
    Changes,
    CodeChange,
    DisclosureChange,
    FactChange,
    FindingChange,
)
from mingzhang.site.money import wan
from mingzhang.site.words import Words

KIND_WORDS: dict[str, Words] = {
    "added": ("新增", "added"),
    "replaced": ("换文件", "replaced"),
    "reread": ("重读", "read anew"),
    "withdrawn": ("撤下", "withdrawn"),
    "changed": ("改数", "changed"),
    "came": ("新出现", "came"),
    "went": ("已消失", "went"),
    "renamed": ("改名", "renamed"),
}
"""Kind of a change → what it is called."""

CSV_COLUMNS = ("what", "change", "name", "title", "disclosure", "before", "after", "message_en")

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Line:
    """One change as every form of the report tells it."""

    what: str
    """`disclosure`, `fact`, `finding` or `code`."""
    change: str
    """A key of `KIND_WORDS`."""
    path: str
    title: str
    disclosure: str
    before: str
    after: str
    title_en: str = ""

    @property
    def words(self) -> Words:
        return KIND_WORDS[self.change]


def lines(changes: Changes) -> Iterator[Line]:
    """Every change: disclosures, then amounts, findings, names."""
    yield from map(_disclosure_line, changes.disclosures)
    yield from map(_fact_line, changes.facts)
    yield from map(_finding_line, changes.findings)
    yield from map(_code_line, changes.codes)


def _disclosure_line(change: DisclosureChange) -> Line:
    before, after = change.file_before[:12], change.file_after[:12]
    return Line("disclosure", change.kind, change.path, change.title, "", before, after)


def _fact_line(change: FactChange) -> Line:
    before, after = _amount(change.before_yuan), _amount(change.after_yuan)
    return Line("fact", change.kind, change.path, change.label, change.disclosure, before, after)


def _finding_line(change: FindingChange) -> Line:
    zh = change.message_zh or change.message_en
    return Line("finding", change.kind, change.path, zh, change.disclosure, "", "", change.message_en)


def _code_line(change: CodeChange) -> Line:
    return Line("code", "renamed", change.path, change.after, "", change.before, change.after)


def _amount(yuan: Decimal | None) -> str:
    return "" if yuan is None else f"{wan(yuan)} 万元"


def summary(changes: Changes) -> Words:
    """How much changed, in one sentence of each language."""
    if not changes.compared:
        return "与前一次不能比较：其文件有损", "Cannot be compared with the one before: files are damaged"
    if not changes.before:
        count = len(changes.disclosures)
        return f"首次发布，{count} 份公开文件", f"First release: {count} disclosures"
    if not changes.count:
        return "公开文件、金额、发现、名称都没有变化", "No disclosure, amount, finding or name changed"
    counts = (
        (len(changes.disclosures), "份公开文件", "disclosures"),
        (len(changes.facts), "个金额", "amounts"),
        (len(changes.findings), "处发现", "findings"),
        (len(changes.codes), "个名称", "names"),
    )
    told = [(f"{number} {zh}", f"{number} {en}") for number, zh, en in counts if number]
    return "变化：" + "、".join(zh for zh, _ in told), "Changed: " + ", ".join(en for _, en in told)


def as_text(changes: Changes) -> str:
    """For people: one line a change, both languages in the words around it."""
    zh, en = summary(changes)
    out = [f"{changes.before or '—'} → {changes.after}", f"{zh}  {en}"]
    what = ""
    for line in lines(changes):
        if line.what != what:
            what = line.what
            out.append(f"\n{' '.join(_SECTIONS[what])}")
        change_zh, change_en = line.words
        out.append(f"  {change_zh} {change_en}: {line.title}{_arrow(line, '  ')}")
        if line.title_en and line.title_en != line.title:
            out.append(f"    {line.title_en}")
    return "\n".join(out) + "\n"


def _arrow(line: Line, lead: str) -> str:
    """From what to what, where that differs."""
    return f"{lead}{line.before or '—'} → {line.after or '—'}" if line.before != line.after else ""


_SECTIONS: dict[str, Words] = {
    "disclosure": ("公开文件", "Disclosures"),
    "fact": ("金额", "Amounts"),
    "finding": ("发现", "Findings"),
    "code": ("名称", "Names"),
}


def as_json(changes: Changes) -> str:
    """Every change as data; amounts are exact decimals in yuan, written as text."""
    told: dict[str, Any] = asdict(changes)
    return json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n"


def as_csv(changes: Changes) -> str:
    """One row a change, RFC 4180, lines ending in LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for line in lines(changes):
        writer.writerow(
            (
                line.what,
                line.change,
                line.path,
                line.title,
                line.disclosure,
                line.before,
                line.after,
                line.title_en,
            )
        )
    return out.getvalue()


def as_atom(changes: Changes, base: str) -> str:
    """An Atom feed (RFC 4287) of one release's changes: one entry a change, all of the release's date."""
    address = f"{base}releases/{changes.after}/changes"
    title = f"明账 Mingzhang {changes.after}: {' '.join(summary(changes))}"
    entries = [_entry(line, changes, base) for line in lines(changes)]
    return feed(f"{address}.atom", f"{address}.html", title, changes.date, entries)


def as_feed_of_releases(history: list[Changes], base: str) -> str:
    """An Atom feed (RFC 4287) of all releases, the latest first: one entry a release."""
    latest_first = list(reversed(history))
    entries = []
    for changes in latest_first:
        address = f"{base}releases/{changes.after}/changes.html"
        about = " ".join(summary(changes))
        entries.append(entry(address, f"{changes.after}: {about}", changes.date, address, about))
    updated = latest_first[0].date if latest_first else "1970-01-01"
    title = "明账 Mingzhang: 历次发布 releases"
    return feed(f"{base}releases/feed.atom", f"{base}releases/", title, updated, entries)


def _entry(line: Line, changes: Changes, base: str) -> str:
    zh, en = line.words
    arrow = _arrow(line, ": ")
    # The same thing may change again in a later release, which is another entry (RFC 4287 §4.2.6).
    key = f"{base}releases/{changes.after}/changes#{line.change}-{line.path}"
    gone = line.change in ("withdrawn", "went")
    page = f"{base}releases/{changes.before}/{line.path}" if gone else f"{base}{line.path}"
    text = " — ".join(part for part in (line.title, line.title_en, line.disclosure) if part)
    return entry(key, f"{zh} {en}: {line.title}{arrow}", changes.date, page, text + arrow)


def feed(address: str, page: str, title: str, date: str, entries: list[str]) -> str:
    """A feed document with the elements that RFC 4287 §4.1.1 asks for."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="{_ATOM}" xml:lang="zh">\n'
        f"<id>{_address(address)}</id>\n"
        f"<title>{escape(title)}</title>\n"
        f"<updated>{date}T00:00:00Z</updated>\n"
        "<author><name>明账 Mingzhang</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href="{_address(address)}"/>\n'
        f'<link rel="alternate" type="text/html" href="{_address(page)}"/>\n'
        "<rights>CC BY 4.0</rights>\n" + "".join(entries) + "</feed>\n"
    )


def entry(key: str, title: str, date: str, page: str, text: str) -> str:
    """An entry with the elements that RFC 4287 §4.1.2 asks for."""
    return (
        "<entry>\n"
        f"<id>{_address(key)}</id>\n"
        f"<title>{escape(title)}</title>\n"
        f"<updated>{date}T00:00:00Z</updated>\n"
        f'<link rel="alternate" type="text/html" href="{_address(page)}"/>\n'
        f"<content>{escape(text)}</content>\n"
        "</entry>\n"
    )


def _address(iri: str) -> str:
    return escape(quote(iri, safe=":/?#[]@!$&'()*+,;=%-._~"), {'"': "&quot;"})
