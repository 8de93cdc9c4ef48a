"""Header words → the columns of a table, by the column forms in the ontology.

A form is a tree of columns, any of which may be absent. The words of a header fit a form where every word finds its
place and cells of one level keep the order in which they are printed. A table split into column groups over pages has
one header a page (a panel); its columns follow each other through the panels. If the words fit in more than one way,
the header is not understood: a wrong column is worse than none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mingzhang.ingest.align import SumAlong
from mingzhang.ingest.flow_forms import ColumnForm, ColumnNode, FlowForms, Heading
from mingzhang.ingest.flow_words import HeaderWords, Word

_MAX_WAYS = 24
_TOTAL_RANK = {"总计": 0, "合计": 1, "共计": 1, "小计": 2}
# A header that takes longer than this has no one reading; the widest known, 75 columns on 7 pages, takes a tenth of it.
_MAX_STEPS = 60_000
_SIDE_TAGS = {"side:revenue": "收入", "side:expenditure": "支出"}


@dataclass(frozen=True)
class FlowColumn:
    """A leaf column: header levels from the outermost in, what its amounts are part of, the panel it is printed on."""

    path: tuple[str, ...]
    tags: frozenset[str]
    implied: frozenset[str]
    panel: int
    is_total: bool

    @property
    def side(self) -> str:
        """收入 or 支出 for a column of a two-sided table, else empty."""
        return next((side for tag, side in _SIDE_TAGS.items() if tag in self.tags), "")


@dataclass(frozen=True)
class FlowHeader:
    """The columns of a table from left to right, and what adds up along its rows."""

    form: str
    columns: tuple[FlowColumn, ...]
    sums: tuple[SumAlong, ...]

    def panel_range(self, panel: int) -> tuple[int, int]:
        """The first column of a panel and the one after its last."""
        of_panel = [i for i, column in enumerate(self.columns) if column.panel == panel]
        return (of_panel[0], of_panel[-1] + 1) if of_panel else (0, 0)


def read_header(panels: Sequence[HeaderWords], forms: FlowForms) -> FlowHeader | None:
    """The one way to read the headers of a table's panels; None where there is none, or more than one."""
    if any(panel.unknown for panel in panels) or not any(panel.words for panel in panels):
        return None
    for form in forms.forms:
        ways = _Fit(form, panels).ways()
        best = [way for way in ways if way.oddity == min(other.oddity for other in ways)]
        if best:
            return _header(form, best[0]) if len(best) == 1 else None
    return _in_print_order(panels, forms)


def _in_print_order(panels: Sequence[HeaderWords], forms: FlowForms) -> FlowHeader | None:
    """A header without groups whose columns come in another order than a form's: they stand as they are printed.

    Cells of one level are printed from left to right. So every word must head a column of one form, none may be in
    another's group, and there is one total, in front.
    """
    words = panels[0].words
    if (
        len(panels) > 1
        or len({word.stream for word in words}) > 1
        or len({w.wording for w in words}) < len(words)
    ):
        return None
    for form in forms.forms:
        found = [_heads(form, word) for word in words]
        nodes = [nodes[0] for nodes in found if len(nodes) == 1]
        if len(nodes) < len(words) or len({node.heading.key for node in nodes}) < len(nodes):
            continue
        inside = {part.heading.key for node in nodes for part in _within(node)}
        totals = [node.heading.is_total for node in nodes]
        plain = not any(node.heading.key in inside and not node.heading.is_total for node in nodes)
        if plain and totals[0] and sum(totals) == 1 and len(nodes) > 2 and not any(n.wrapper for n in nodes):
            leaves = tuple(_Taken(node, word, 0, ()) for node, word in zip(nodes, words, strict=True))
            return _header(form, _Way(leaves, ()))
    return None


def _heads(form: ColumnForm, word: Word) -> list[ColumnNode]:
    """The nodes on a form's outermost level, wrappers opened, that a word can head."""
    level: list[ColumnNode] = []
    todo = list(form.columns)
    while todo:
        node = todo.pop(0)
        if node.wrapper:
            todo = [*node.parts, *todo]
        if word.wording in node.heading.wordings:
            level.append(node)
    return level


def _within(node: ColumnNode) -> list[ColumnNode]:
    return [deeper for part in node.parts for deeper in (part, *_within(part))]


class _TooManyWays(Exception):
    """The search for ways to read a header was given up."""


@dataclass(frozen=True)
class _Event:
    """A step through a form's tree. `skip_to` is the event after the group; `node` is of the group or leaf."""

    kind: str
    node: ColumnNode
    depth: int
    skip_to: int


@dataclass(frozen=True)
class _Taken:
    """A leaf that was found: the groups it is in (by number of their enter event), its word, its panel."""

    node: ColumnNode
    word: Word
    panel: int
    groups: tuple[int, ...]


@dataclass(frozen=True)
class _Group:
    """An open group: its enter event, the words that named it so far, whether it has a column, its total's rank."""

    event: int
    label: str
    filled: bool
    rank: int
    named: tuple[int, int] = (-1, -1)
    """Stream and order of the word that named it on the panel in hand."""


@dataclass(frozen=True)
class _State:
    panel: int
    used: frozenset[int]
    last: tuple[tuple[tuple[int, int], int], ...]
    groups: tuple[_Group, ...]


@dataclass(frozen=True)
class _Way:
    """One way to read a header: leaves in order, and the printed name of each group by its enter event."""

    leaves: tuple[_Taken, ...]
    labels: tuple[tuple[int, str], ...]

    @property
    def oddity(self) -> tuple[int, int, int, int]:
        """How unusual a header so read would be: groups without columns, totals inside totals of the same name."""
        childless = sum(bool(taken.node.parts) for taken in self.leaves)
        totals = {taken.groups: taken for taken in self.leaves if taken.node.heading.is_total}
        same_name = sum(
            _TOTAL_RANK.get(taken.word.wording, 0) <= _TOTAL_RANK.get(totals[groups[:depth]].word.wording, 0)
            for groups, taken in totals.items()
            for depth in range(len(groups))
            if groups[:depth] in totals
        )
        inverted = sum(
            _TOTAL_RANK.get(taken.word.wording, 0) < _TOTAL_RANK.get(totals[groups[:depth]].word.wording, 0)
            for groups, taken in totals.items()
            for depth in range(len(groups))
            if groups[:depth] in totals
        )
        members = Counter(taken.groups for taken in self.leaves)
        total_alone = sum(
            members[groups] == 1
            and not any(len(other) > len(groups) and other[: len(groups)] == groups for other in members)
            for groups in totals
        )
        return childless, inverted, same_name, total_alone


@dataclass
class _Fit:
    """The search for all ways in which panels' words fit a form."""

    form: ColumnForm
    panels: Sequence[HeaderWords]
    _dead: set[tuple[int, _State]] = field(default_factory=set)
    _found: dict[tuple[object, ...], _Way] = field(default_factory=dict)

    def ways(self) -> list[_Way]:
        """Distinct ways, at most a few: more than one is no reading anyway."""
        self.events = _events(self.form.columns)
        self.offers = _offers(self.events)
        self.group_wordings = {w for e in self.events if e.kind == "enter" for w in e.node.heading.wordings}
        if not self._plausible():
            return []
        self.steps = 0
        try:
            self._search(0, _State(0, frozenset(), (), ()), (), ())
        except _TooManyWays:
            return []
        return list(self._found.values())

    def _plausible(self) -> bool:
        """Whether every word heads something in this form at all, as often as it is printed."""
        offered = Counter(
            w for event in self.events if event.kind != "exit" for w in event.node.heading.wordings
        )
        printed = Counter(word.wording for panel in self.panels for word in panel.words)
        return all(wording in offered for wording in printed)

    def _search(
        self, at: int, state: _State, leaves: tuple[_Taken, ...], labels: tuple[tuple[int, str], ...]
    ) -> bool:
        """Whether any way goes on from here; finished ways are kept in `_found`."""
        if len(self._found) >= _MAX_WAYS:
            return True
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise _TooManyWays
        if (at, state) in self._dead:
            return False
        if at == len(self.events):
            return self._finish(state, leaves, labels)
        alive = False
        event = self.events[at]
        if event.kind == "exit":
            alive = self._exit(at, state, leaves, labels)
        else:
            if event.kind == "enter":
                for after, more in self._entered(at, state):
                    alive |= self._search(at + 1, after, leaves, (*labels, *more))
            for after, taken in self._taken(event, state):
                alive |= self._search(event.skip_to, after, (*leaves, taken), labels)
            if self._still_offered(event.skip_to, state):
                alive |= self._search(event.skip_to, state, leaves, labels)
        alive |= self._turned(at, state, leaves, labels)
        if not alive:
            self._dead.add((at, state))
        return alive

    def _still_offered(self, at: int, state: _State) -> bool:
        """Whether every word not yet placed is still headed by something further on (an open group's name aside)."""
        later = self.offers[at]
        open_names = {w for g in state.groups for w in self.events[g.event].node.heading.wordings}
        needed = Counter(
            word.wording
            for number, panel in enumerate(self.panels[state.panel :])
            for word in panel.words
            if (number or word.order not in state.used) and word.wording not in open_names
        )
        # A group's name may be printed again on every panel that the group reaches.
        repeated = len(self.panels) - state.panel > 1
        return all(
            later.get(wording, 0) >= (1 if repeated and wording in self.group_wordings else count)
            for wording, count in needed.items()
        )

    def _finish(self, state: _State, leaves: tuple[_Taken, ...], labels: tuple[tuple[int, str], ...]) -> bool:
        if state.panel != len(self.panels) - 1 or len(state.used) != len(self.panels[-1].words) or not leaves:
            return False
        way = _Way(leaves, labels)
        names = dict(labels)
        key = tuple((t.panel, t.word.text, *(names.get(g, "") for g in t.groups)) for t in leaves)
        self._found.setdefault(key, way)
        return True

    def _exit(
        self, at: int, state: _State, leaves: tuple[_Taken, ...], labels: tuple[tuple[int, str], ...]
    ) -> bool:
        group = state.groups[-1]
        if not group.filled or not (group.label or self.events[group.event].node.wrapper):
            return False
        outer = state.groups[:-1]
        if outer:
            outer = (*outer[:-1], replace(outer[-1], filled=True))
        return self._search(at + 1, _State(state.panel, state.used, state.last, outer), leaves, labels)

    def _entered(self, at: int, state: _State) -> list[tuple[_State, tuple[tuple[int, str], ...]]]:
        """The states after a group is opened, with its heading on this panel or (so far) without one."""
        event = self.events[at]
        rank = state.groups[-1].rank if state.groups else 0
        found: list[tuple[_State, tuple[tuple[int, str], ...]]] = []
        for word in self._words(event.node.heading, state):
            used = state.used | {word.order}
            if _follows(state.last, word, event.depth, group=True):
                last = _moved(state.last, word, event.depth, group=True)
                group = _Group(at, word.text, False, rank, (word.stream, word.order))
                after = _State(state.panel, used, last, (*state.groups, group))
                found.append((after, ((at, word.text),)))
        nameless = _State(state.panel, state.used, state.last, (*state.groups, _Group(at, "", False, rank)))
        if event.node.wrapper or self._named_later(event.node.heading, state.panel):
            found.append((nameless, ()))
        return found

    def _named_later(self, heading: Heading, panel: int) -> bool:
        return any(w.wording in heading.wordings for later in self.panels[panel + 1 :] for w in later.words)

    def _taken(self, event: _Event, state: _State) -> list[tuple[_State, _Taken]]:
        """The states after a leaf has found its word."""
        found = []
        heading = event.node.heading
        for word in self._words(heading, state):
            if not _follows(state.last, word, event.depth, group=False):
                continue
            groups = state.groups
            if groups and groups[-1].named[0] == word.stream and word.order < groups[-1].named[1]:
                continue  # a group's name is printed before its columns
            rank = _TOTAL_RANK.get(word.wording, 0)
            if heading.is_total and groups and rank < groups[-1].rank:
                continue  # 合计 does not stand inside a group that a 小计 adds up
            if groups:
                inner = max(rank, groups[-1].rank) if heading.is_total else groups[-1].rank
                groups = (*groups[:-1], replace(groups[-1], filled=True, rank=inner))
            last = _moved(state.last, word, event.depth, group=False)
            taken = _Taken(event.node, word, state.panel, tuple(g.event for g in groups))
            found.append((_State(state.panel, state.used | {word.order}, last, groups), taken))
        return found

    def _words(self, heading: Heading, state: _State) -> list[Word]:
        """The words of this panel that may name a column: of equal ones in a stream, the first."""
        found: dict[tuple[int, str], Word] = {}
        for word in self.panels[state.panel].words:
            if word.order not in state.used and word.wording in heading.wordings:
                found.setdefault((word.stream, word.wording), word)
        return list(found.values())

    def _turned(
        self, at: int, state: _State, leaves: tuple[_Taken, ...], labels: tuple[tuple[int, str], ...]
    ) -> bool:
        """Going on to the next panel once every word of this one has its place."""
        if state.panel + 1 >= len(self.panels) or len(state.used) != len(self.panels[state.panel].words):
            return False
        alive = False
        following = self.panels[state.panel + 1]
        unnamed = tuple(replace(group, named=(-1, -1)) for group in state.groups)
        fresh = [(frozenset[int](), unnamed, labels)]
        for depth, group in enumerate(state.groups):
            wordings = self.events[group.event].node.heading.wordings
            for used, groups, named in list(fresh):
                for word in following.words:
                    if word.wording in wordings and word.order not in used:
                        renamed = replace(group, label=word.text, named=(word.stream, word.order))
                        changed = (*groups[:depth], renamed, *groups[depth + 1 :])
                        fresh.append((used | {word.order}, changed, (*named, (group.event, word.text))))
                        break
        for used, groups, named in fresh:
            alive |= self._search(at, _State(state.panel + 1, used, (), groups), leaves, named)
        return alive


def _offers(events: Sequence[_Event]) -> list[Counter[str]]:
    """For every step, how many columns and groups from there on could carry each wording."""
    later: Counter[str] = Counter()
    found = [Counter(later)]
    for event in reversed(events):
        if event.kind != "exit":
            later.update(event.node.heading.wordings)
        found.append(Counter(later))
    return found[::-1]


_Last = tuple[tuple[tuple[int, int], int], ...]


def _follows(last: _Last, word: Word, depth: int, group: bool) -> bool:
    """Whether a word is printed after the last one of its level, its kind and its stream."""
    return word.order > dict(last).get((word.stream, depth * 2 + group), -1)


def _moved(last: _Last, word: Word, depth: int, group: bool) -> _Last:
    places = dict(last)
    places[word.stream, depth * 2 + group] = word.order
    return tuple(sorted(places.items()))


def _events(nodes: Sequence[ColumnNode]) -> list[_Event]:
    """A form's tree as a list of steps."""
    events: list[_Event] = []

    def walk(node: ColumnNode, depth: int) -> None:
        if not node.parts:
            events.append(_Event("leaf", node, depth, len(events) + 1))
            return
        at = len(events)
        events.append(_Event("enter", node, depth, 0))
        for part in node.parts:
            walk(part, depth + 1)
        events.append(_Event("exit", node, depth, len(events) + 1))
        events[at] = _Event("enter", node, depth, len(events))

    for node in nodes:
        walk(node, 0)
    return events


def _header(form: ColumnForm, way: _Way) -> FlowHeader:
    """The columns and sums of one way to read a header."""
    events = _events(form.columns)
    names = dict(way.labels)
    columns = []
    for taken in way.leaves:
        own = (*(events[g].node.heading for g in taken.groups), taken.node.heading)
        path = tuple(name for g in taken.groups if (name := _level(events[g].node.heading, names.get(g, ""))))
        columns.append(
            FlowColumn(
                path=(*path, _level(taken.node.heading, taken.word.text)),
                tags=frozenset(tag for heading in own for tag in heading.tags if not heading.is_total),
                implied=frozenset(tag for heading in own for tag in heading.implies),
                panel=taken.panel,
                is_total=taken.node.heading.is_total,
            )
        )
    return FlowHeader(form.key, tuple(columns), _sums(way))


def _level(heading: Heading, printed: str) -> str:
    """The name of a level: as printed, but the two sides of a table by their plain names."""
    return next((side for tag, side in _SIDE_TAGS.items() if tag in heading.tags), printed)


def _sums(way: _Way) -> tuple[SumAlong, ...]:
    """For every group with a total: the total, and what it adds up (columns, or the totals of groups inside)."""
    sums: list[SumAlong] = []

    def add_up(members: Sequence[int], depth: int) -> list[int]:
        total: int | None = None
        parts: list[int] = []
        inner: dict[int, list[int]] = {}
        partition = True
        for index in members:
            leaf = way.leaves[index]
            if len(leaf.groups) > depth:
                inner.setdefault(leaf.groups[depth], []).append(index)
            elif leaf.node.heading.is_total and total is None:
                total = index
            else:
                parts.append(index)
                # 其中 names a part of the total that need not be the whole of it.
                partition = partition and not leaf.word.text.startswith("其中")
        for group in inner.values():
            parts.extend(add_up(group, depth + 1))
        if total is None:
            return parts
        if parts and partition:
            sums.append(SumAlong(total, tuple(sorted(parts))))
        return [total]

    add_up(range(len(way.leaves)), 0)
    return tuple(sums)
