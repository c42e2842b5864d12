"""A strict reader of Prometheus' text exposition format 0.0.4, for the tests of what we write."""

from __future__ import annotations

import re

Labels = tuple[tuple[str, str], ...]
Families = dict[str, tuple[str, dict[Labels, float]]]

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_HELP = re.compile(rf"# HELP ({_NAME}) (\S.*)")
_TYPE = re.compile(rf"# TYPE ({_NAME}) (counter|gauge|histogram|summary|untyped)")
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
_VALUE = re.compile(r"[+-]?(?:Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?)|NaN")


def parse(text: str) -> Families:
    """Kind and series of each family.

    Raises:
        AssertionError: something in it is not as the format wants it.
    """
    assert text.endswith("\n")
    families: Families = {}
    described = ""
    for line in text[:-1].split("\n"):
        if found := _HELP.fullmatch(line):
            described = found[1]
            assert described not in families, f"{described} comes twice"
        elif found := _TYPE.fullmatch(line):
            assert found[1] == described, f"the type of {found[1]} does not follow its help"
            assert (found[2] == "counter") == described.endswith("_total"), described
            families[described] = (found[2], {})
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, f"not a sample: {line!r}"
            assert found[1] == described, f"{found[1]} stands among those of {described}"
            assert _VALUE.fullmatch(found[3]), line
            series = families[described][1]
            labels = _labels(found[2])
            assert labels not in series, f"twice the same series: {line}"
            series[labels] = float(found[3])
    return families


def _labels(text: str | None) -> Labels:
    labels: list[tuple[str, str]] = []
    rest = text or ""
    while rest:
        found = _LABEL.match(rest)
        assert found, f"not a label: {rest!r}"
        plain = re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), found[2])
        labels.append((found[1], plain))
        rest = rest[found.end() :]
        assert bool(rest) == (found[3] == ","), "a comma at the end"
    assert len({name for name, _ in labels}) == len(labels)
    return tuple(labels)
