"""Numbers in tables: which texts are one, by the signs of their column, and how a spreadsheet shows them the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

MOST_DIGITS = 15  # a spreadsheet rounds what has more: account numbers stay text
SPACES = "\u00a0\u2009\u202f "
# Languages that write "1,234.56"; others write "1.234,56" or "1 234,56".
_POINT_LANGUAGES = frozenset({"en", "zh", "ja", "ko", "th", "he", "ar", "fa", "ur", "hi", "bn", "ta", "ms", "sw", "ga"})

_SHAPE = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?(?P<before>[^\w\s.,()+%-]?)[{SPACES}]?(?P<sign2>-)?"
    rf"(?P<digits>[0-9](?:[0-9.,'\u2019{SPACES}]*[0-9])?|[.,][0-9]+)"
    rf"[{SPACES}]?(?P<after>[^\w\s.,()+%-]?)(?P<percent>%)?(?P<trailing>-)?(?P<close>\))?"
)
_GROUPED = {
    ".": re.compile(
        rf"[0-9]{{1,3}}(?:(?P<mark>[,'\u2019{SPACES}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)?(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
    ),
    ",": re.compile(
        rf"[0-9]{{1,3}}(?:(?P<mark>[.'\u2019{SPACES}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)?(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?|,[0-9]+"
    ),
}


@dataclass(frozen=True)
class Number:
    """A number, and how Excel is to show it."""

    value: int | float
    format: str


Votes = tuple[int, int]
"""How many texts tell that "." stands before decimals, and how many that "," does."""


def votes(texts: Iterable[str]) -> Votes:
    """What texts tell of the sign before decimals."""
    told = Counter(map(_told_by, texts))
    return told["."], told[","]


def decimal_sign(found: Votes, *, by_all: bool = False) -> str:
    """The sign before decimals, "." or ","; "" where it is not clear.

    Args:
        found: what was told.
        by_all: all that tell must tell the same; otherwise most decide.
    """
    points, commas = found
    if points == commas or (by_all and points and commas):
        return ""
    return "." if points > commas else ","


def sign_of_language(language: str) -> str:
    """The sign that is usual in a language like "de" or "pt-BR"; "." where it is not known."""
    return "." if not language or language.lower().split("-")[0] in _POINT_LANGUAGES else ","


def number(text: str, decimal: str) -> Number | None:
    """The number that a text is; None for what is better left as text: codes with zeros before them, dates, and so on.

    Args:
        text: of a cell. Percent, a currency's sign, brackets or a minus sign for negative ones may stand with it.
        decimal: the sign before decimals, "." or ",".
    """
    shape = _shape(text)
    if shape is None:
        return None
    digits = shape["digits"]
    found = _GROUPED[decimal].fullmatch(digits)
    if found is None:
        return None
    whole, _, part = digits.partition(decimal)
    bare = re.sub(rf"[.,'\u2019{SPACES}]", "", whole)
    if len(bare.lstrip("0")) + len(part) > MOST_DIGITS or (len(bare) > 1 and bare[0] == "0"):
        return None
    currency = shape["before"] or shape["after"]
    if currency and (unicodedata.category(currency) != "Sc" or (shape["before"] and shape["after"])):
        return None
    minus = sum(bool(shape[name]) for name in ("open", "sign2", "trailing")) + (shape["sign"] == "-")
    if bool(shape["open"]) != bool(shape["close"]) or minus > 1 or (shape["percent"] and currency):
        return None
    value = Decimal(f"{'-' if minus else ''}{bare or '0'}.{part or '0'}")
    if shape["percent"]:
        value /= 100
    exact = int(value) if not part and not shape["percent"] else float(value)
    return Number(exact, _format(found["mark"] is not None, len(part), shape, currency))


def _format(grouped: bool, decimals: int, shape: re.Match[str], currency: str) -> str:
    made = "#,##0" if grouped else "0"
    made += f".{'0' * decimals}" if decimals else ""
    if shape["percent"]:
        made += "%"
    if currency:
        made = f'"{currency}"{made}' if shape["before"] else f'{made} "{currency}"'
    if made == "0":
        made = "General"
    return f"{made};({made})" if shape["open"] and made != "General" else "0;(0)" if shape["open"] else made


def _shape(text: str) -> re.Match[str] | None:
    if not text or text[-1].isalpha():
        return None
    return _SHAPE.fullmatch(text.strip().replace("\u2212", "-").replace("\u2013", "-"))


def _told_by(text: str) -> str:
    """The sign before decimals where one text alone tells it."""
    shape = _shape(text) if "." in text or "," in text else None
    if shape is None:
        return ""
    digits = shape["digits"]
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return ""
    last = signs[-1]
    other = "," if last == "." else "."
    if other in signs:  # "1.234,56"
        return last if signs.count(last) == 1 else ""
    if len(signs) > 1:  # "1.234.567"
        return other
    before, _, after = digits.partition(last)
    # Three digits after one sign may be thousands.
    return last if len(after) != 3 or len(before) > 3 or before.startswith("0") or not before else ""
