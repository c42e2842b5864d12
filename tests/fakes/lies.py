"""Answers of hosts, with something in them that is not so: in any field, or of another kind altogether.

Run as `python -m tests.fakes.lies ROLE SCRIPT SEED` it is the fake host of `fake_host.py`, and more than half of what
it answers has been changed by the seed.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.host_child import serve
from desktop_ocr.schema import frames
from desktop_ocr.schema.messages import Hello, Reply

NASTY: tuple[Any, ...] = (
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    -1.0,
    -1,
    0,
    2**31,
    2**63,
    2**64 - 1,
    -(2**63),
    None,
    True,
    "",
    "\0",
    "\x1b[31mred",
    "x" * 1_000_001,
    "../../../../etc/passwd",
    "https://example.org/?",
    "<img src='http://127.0.0.1:9/x'>",
    b"\xff\xfe",
    [],
    [[]] * 3,
    {},
    [float("nan")] * 8,
    [1e30] * 4,
    {"type": "Done"},
    "freed",
    "cancelled",
    "no-service",
    "file-changed",
)


def changed(value: Any, chance: random.Random, times: int = 1) -> Any:
    """Plain data with so many of its parts changed, left out, doubled, or made enormous."""
    for _ in range(times):
        places = list(_places(value, ()))
        value = _put(value, chance.choice(places), chance)
    return value


def encoded(number: int, body: Any) -> bytes:
    """Plain data as the payload of an answer's frame."""
    return msgspec.msgpack.encode({"number": number, "body": body})


def _places(value: Any, path: tuple[Any, ...]) -> Any:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _put(value: Any, path: tuple[Any, ...], chance: random.Random) -> Any:
    if not path:
        return _lie(value, chance)
    key, *rest = path
    if isinstance(value, dict):
        if not rest and chance.random() < 0.1:
            return {name: item for name, item in value.items() if name != key}
        return {name: _put(item, tuple(rest), chance) if name == key else item for name, item in value.items()}
    items = list(value)
    if not rest and chance.random() < 0.2:
        return items[:key] + [items[key]] * chance.choice((0, 2, 500)) + items[key + 1 :]
    items[key] = _put(items[key], tuple(rest), chance)
    return items


def _lie(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float) and chance.random() < 0.6:
        near = [figure for figure in (value + 1, -value) if -(2**63) <= figure < 2**64]  # what msgpack takes
        return chance.choice([*NASTY[:11], *near, value * 1e6])
    return chance.choice(NASTY)


def main() -> int:
    """Run the lying host."""
    from tests.fakes import fake_host

    chance = random.Random(int(sys.argv.pop()))

    def send(writer: Any, reply: Reply) -> None:
        payload = msgspec.msgpack.encode(reply)
        if not isinstance(reply.body, Hello) and chance.random() < 0.6:
            body = changed(msgspec.to_builtins(reply.body), chance, chance.choice((1, 1, 2)))
            payload = encoded(reply.number, body)
        writer.write(frames.HEADER.pack(len(payload)) + payload)
        writer.flush()

    serve._send = send
    role, script = sys.argv[1:]
    return serve.serve(role, fake_host.make(role, json.loads(Path(script).read_text())))


if __name__ == "__main__":
    sys.exit(main())
