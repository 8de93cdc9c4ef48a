"""The report of `mingzhang check`: grouped, counted, and quoting no more than is needed."""

from __future__ import annotations

from mingzhang.check_report import Quote, Row, report_lines


def row(line: int, severity: str = "Warning", rule: str = "share-follows", said: str = "占 3.74%") -> Row:
    return {
        "line": str(line),
        "severity": severity,
        "rule": rule,
        "difference": "-0.01",
        "message_zh": f"第{line}行称{said}",
        "message_en": f"line {line} states {said}",
    }


def report(*rows: Row) -> list[str]:
    return list(
        report_lines("a.txt: 某局 2021", rows, lambda r: [Quote("a.txt", int(r["line"]), "住房 19.48 万元")])
    )


def test_a_disclosure_without_findings_says_so_in_one_line() -> None:
    assert report() == ["a.txt: 某局 2021: 0 findings"]


def test_contradictions_stand_before_notes_and_are_counted_apart() -> None:
    shown = report(row(9, "Info", "official-label"), row(12))

    assert shown[0] == "a.txt: 某局 2021: 2 findings (1 contradiction, 1 note)"
    assert [line.strip() for line in shown if line.strip().startswith(("1.", "2."))] == [
        "1. share-follows, difference -0.01",
        "2. official-label, difference -0.01",
    ]


def test_what_is_wrong_in_the_same_way_on_several_lines_is_told_once() -> None:
    shown = report(row(9), row(12), row(15))

    assert sum("share-follows" in line for line in shown) == 1
    assert any("also on lines 12, 15" in line for line in shown)
    assert [line for line in shown if "19.48" in line] == ["       a.txt:9: 住房 19.48 万元"]


def test_of_a_long_line_only_the_part_around_its_figures_is_quoted() -> None:
    text = "前" * 300 + "19.48" + "后" * 300
    shown = Quote("a.txt", 1, text, (301,)).shown()

    assert "前19.48后" in shown
    assert len(shown) < 140
    assert shown.startswith("a.txt:1: …")
    assert shown.endswith("…")


def test_figures_far_apart_on_a_line_are_both_quoted() -> None:
    text = "5.00" + "中" * 200 + "19.48" + "后" * 300
    shown = Quote("a.txt", 1, text, (1, 205)).shown()

    assert "5.00" in shown
    assert "19.48" in shown


def test_of_many_lines_the_first_are_quoted_and_the_others_counted() -> None:
    quotes = [Quote("a.txt", n, "5.00") for n in range(1, 21)]
    shown = list(report_lines("a.txt", [row(1)], lambda r: quotes))

    assert sum("5.00" in line for line in shown) == 8
    assert shown[-1].strip() == "… 12 more lines"
