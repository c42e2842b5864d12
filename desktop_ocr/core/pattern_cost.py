"""How large a regular expression becomes when its counted repetitions are written out, told before it is compiled.

Compiling copies what is repeated: `x{10000000}` takes 13 s and 4 GB (measured, regex 2026), and nothing can stop it.
"""

from __future__ import annotations

import re

_TOKENS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(|\)|\{(?P<least>\d*)(?P<comma>,)?(?P<most>\d*)\}|.", re.DOTALL)
_LONGEST_NUMBER = 9
TOO_LARGE = 1_000_000_000


def pattern_cost(pattern: str) -> int:
    """About how many signs a pattern has with its repetitions written out; `TOO_LARGE` at most.

    Groups are followed, but no more of the grammar: what is no repetition after all counts as one.
    """
    totals = [0]
    last = 0
    for token in _TOKENS.finditer(pattern):
        sign = token.group()
        if sign == "(":
            totals.append(0)
            last = 0
        elif sign == ")" and len(totals) > 1:
            last = max(1, totals.pop())
            totals[-1] += last
        elif (times := _times(token)) > 1:
            totals[-1] += last * (times - 1)
            last *= times
        else:
            last = 1
            totals[-1] += 1
        if totals[-1] >= TOO_LARGE:
            return TOO_LARGE
    return min(sum(totals), TOO_LARGE)


def _times(token: re.Match[str]) -> int:
    """How often a token has what stands before it copied; 1 for what is no repetition."""
    counts: list[str] = [count for count in (token["least"], token["most"]) if count]
    if any(len(count) > _LONGEST_NUMBER for count in counts):
        return TOO_LARGE
    return max([1, *map(int, counts)])
