"""A printed target (`≥90%`, `不低于836万人`, `全覆盖`) → operator, value, unit.

What is printed is never lost: `printed` keeps the characters. Nothing here knows where they stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mingzhang.ingest.indicator_words import IndicatorWords
from mingzhang.ontology.lexicon import normal_text

QUALITATIVE = "定性"
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
# A template left in a label: （≥**%）, (**万元/场) — the sign and the unit the target is to have.
_TEMPLATE = re.compile(r"\(([^()*]*?)(\*+)([^()]*)\)?\*?$")
_BRACKET_UNIT = re.compile(r"\(([^()]+)\)\*?$")
_OVERPRINTED = re.compile(r"^(.*\([^)0-9]*?)([0-9][0-9.]*%?)$")


@dataclass(frozen=True)
class Target:
    """One target taken apart: `operator` as the exports have it, `value` bare where a number."""

    operator: str
    value: str
    measure_unit: str
    printed: str
    likely_operator: str = ""


def read_target(
    text: str, words: IndicatorWords, *, sign: str = "", unit: str = "", label: str = "", direction: str = ""
) -> Target:
    """The target printed as `text`, with the form's own cells for sign and unit where it has them.

    `≥90%` → `>=`, `90`, `%`. A label that carries a template (`次数（≥**次）`) lends its sign and unit
    to a number.
    Targets in words are 定性; a bare number or a wording that turns on a percentage has no operator.
    """
    printed = " ".join(part for part in (sign.strip(), text.strip(), unit.strip()) if part)
    body = normal_text(text)
    operator, likely, rest = _operator(normal_text(sign), body, words, direction)
    value, own_unit = _number_and_unit(rest, words)
    is_number = bool(_NUMBER.fullmatch(value))
    template_sign, template_unit = _template(label, words)
    if not operator and not likely:
        operator = _operator_of_words(rest, is_number, template_sign, words)
    elif operator == QUALITATIVE and not sign and not rest:
        value = ""
    measure = normal_text(unit) or own_unit or (template_unit if is_number else "")
    shown = value if is_number else _as_printed(text, rest)
    return Target(operator, shown, measure, printed, likely)


def _as_printed(text: str, rest: str) -> str:
    """The tail of the printed text that `rest` (normalised) stands for: a wording keeps its spaces."""
    stripped = text.strip()
    for start in range(len(stripped)):
        if normal_text(stripped[start:]) == rest:
            return stripped[start:].strip()
    return rest


def _operator(sign: str, body: str, words: IndicatorWords, direction: str) -> tuple[str, str, str]:
    """(operator, likely operator, what remains as value)."""
    if sign:
        return *_meaning(sign, words, direction), body
    match = words.sign_prefix.match(body)
    if match and (
        match.group() != QUALITATIVE or match.end() == len(body) or not body[match.end() :].isalpha()
    ):
        return *_meaning(match.group(), words, direction), body[match.end() :]
    if body.startswith(QUALITATIVE):
        return QUALITATIVE, "", body[len(QUALITATIVE) :]
    return "", "", body


def _meaning(sign: str, words: IndicatorWords, direction: str) -> tuple[str, str]:
    """(operator, likely operator) of a printed sign.

    A lost sign counts as its likely reading only where the form's direction bears it out: ≠ for a target of
    which less is better. Elsewhere its operator stays empty.
    """
    if sign in words.signs:
        return words.signs[sign], ""
    if sign in words.lost_signs:
        likely, witness = words.lost_signs[sign]
        borne_out = bool(witness) and words.directions.get(normal_text(direction)) == witness
        return (likely if borne_out else ""), likely
    return "", ""


def _operator_of_words(rest: str, is_number: bool, template_sign: str, words: IndicatorWords) -> str:
    """The operator of a target that prints none in front."""
    if is_number:
        return template_sign
    inside = words.sign_inside.search(rest)
    if inside and not re.search(r"[,;。，；]", rest[: inside.start()]):
        return words.signs[inside.group(1)]
    countable = bool(re.match(r"[0-9]", rest)) or "%" in rest
    short = bool(re.search(r"[0-9]", rest)) and not re.search(r"[,;。，；]", rest)
    return "" if countable or short else QUALITATIVE


def _number_and_unit(body: str, words: IndicatorWords) -> tuple[str, str]:
    """`90%` → (`90`, `%`); anything that is not a number and a known unit stays whole."""
    match = _NUMBER.match(body)
    if not match:
        return body, ""
    tail = body[match.end() :]
    if not tail:
        return body, ""
    if words.unit_pattern.fullmatch(tail):
        return match.group(), "%" if tail == "%%" else tail
    return body, ""


def _template(label: str, words: IndicatorWords) -> tuple[str, str]:
    """Sign and unit that a label asks for, each empty where it asks for none.

    A template's own `%` is not lent: where the target prints none, the label counts things, not shares.
    """
    wording = normal_text(label)
    found = _TEMPLATE.search(wording)
    if found:
        unit = found.group(3)
        fits = bool(words.unit_pattern.fullmatch(unit)) and unit != "%"
        return words.signs.get(found.group(1), ""), unit if fits else ""
    found = _BRACKET_UNIT.search(wording)
    if found and words.unit_pattern.fullmatch(found.group(1)):
        return "", found.group(1)
    open_bracket = wording.rfind("(")
    if open_bracket >= 0 and ")" not in wording[open_bracket:]:
        return words.signs.get(wording[open_bracket + 1 :], ""), ""
    return "", ""


def split_overprinted(cell: str) -> tuple[str, str] | None:
    """(label, target) of a cell whose target was printed over the label's open bracket: `率 (≥100%`."""
    match = _OVERPRINTED.match(cell.strip().replace("（", "("))
    if not match or match.group(1).count("(") <= match.group(1).count(")"):
        return None
    cut = len(match.group(1))
    return cell.strip()[:cut], cell.strip()[cut:]
