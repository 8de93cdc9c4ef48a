"""Why an amount states no fact, in Chinese: the reasons that reading gives in English, with the words they quote."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTED = "'(?P<word>.*)'"
# In order: a reason that says more comes before one that says less.
_REASONS: Sequence[tuple[str, str]] = (
    ("its column is ambiguous", "所在的栏不能确定"),
    ("the form is not known", "表样未知"),
    ("the title is of another form", "表名是另一种表的"),
    ("the unit of the table is not printed", "表未印出单位"),
    ("a change, not an amount of a year", "是增减额，不是某一年的金额"),
    ("a total of unlike things", "是不同事项的合计"),
    ("a row without a label", "该行没有名称"),
    ("a unit's row without its name", "单位行没有单位名称"),
    ("a description, not a name", "是说明，不是名称"),
    (
        "a budget unit or a project: the list does not add up",
        "是单位还是项目不能确定：清单各行之和不等于合计",
    ),
    ("another row of the table has the same dimensions and another amount", "同表另有一行含义相同而金额不同"),
    ("with or without what was carried over: the list has no total", "是否含上年结转不能确定：清单没有合计"),
    ("with or without what was carried over", "是否含上年结转不能确定"),
    (
        "预算数 of the year's beginning, or as adjusted: it is not said",
        "“预算数”是年初预算数还是全年预算数，文件没有说明",
    ),
    ("neither revenue nor expenditure", "是收入还是支出不能确定"),
    ("a kind of expenditure among revenue", "收入中出现支出的性质"),
    ("neither a budget nor of this year", "既非预算数，也非本年数"),
    ("final accounts in a budget", "预算中出现决算数"),
    ("an outturn of a year that is not over", "年度尚未结束而称执行数"),
    (rf"{_QUOTED} is not understood", "“{word}”的含义未知"),
    (rf"{_QUOTED} may be any of (?P<several>.*)", "“{word}”可能是 {several} 中的任一个"),
    (
        rf"{_QUOTED} is a detail of (?P<code>[0-9]+) without a code of its own",
        "“{word}”是 {code} 的细目，没有自己的编码",
    ),
    (rf"{_QUOTED} is on several rows", "“{word}”出现在多行"),
    (rf"{_QUOTED} is the sum of the rows below it", "“{word}”是其下各行之和"),
    (rf"{_QUOTED} is no code of a known classification here", "“{word}”不是此处所用分类的编码"),
    ("a table of (?P<years>.*)", "是 {years} 年的表"),
    ("a column of (?P<years>.*)", "是 {years} 年的栏"),
    ("no fund source is (?P<one>.*) and (?P<other>.*)", "没有既是 {one} 又是 {other} 的资金来源"),
    ("(?P<one>.*) and (?P<other>.*) exclude one another", "{one} 与 {other} 互相排斥"),
    ("(?P<one>.*) within (?P<other>.*)", "{one} 不能在 {other} 之内"),
)


def reason_in_chinese(reason: str) -> str:
    """A reason in Chinese; empty for one that is not known here."""
    for pattern, chinese in _REASONS:
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found is not None:
            return chinese.format(**found.groupdict())
    return ""
