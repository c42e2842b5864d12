from __future__ import annotations
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    sound: bool
    reason: str


def judge(page, text):
    return Verdict(text.visible > 0 and text.hidden == 0, "x")
