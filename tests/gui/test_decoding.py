"""Pictures are decoded beside the window's thread, and neither waits for the other for ever."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from desktop_ocr.gui import decoding
from desktop_ocr.gui.decoding import decode
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

# Three threads decode while the main one does what a message box does for its icon. With a `QBuffer`, or without
# `ready_decoders`, this stood still within seconds.
STRESS = """
import sys, threading
from PySide6.QtGui import QGuiApplication, QImageReader
from desktop_ocr.gui.decoding import decode, ready_decoders
sys.setswitchinterval(1e-5)
app = QGuiApplication(sys.argv)
data = open(sys.argv[1], "rb").read()
ready_decoders()
counts = []
def work():
    for number in range(1000):
        assert decode(data).width() == 30
    counts.append(number)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    QImageReader(sys.argv[1]).canRead()
assert counts == [999] * 3
"""


def png(width: int, colour: str) -> bytes:
    image = QImage(width, 20, QImage.Format.Format_RGB888)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")
    return buffer.data().data()


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_picture_is_decoded(in_memory, monkeypatch, tmp_path):
    monkeypatch.setattr(decoding.tempfile, "tempdir", str(tmp_path))
    if not in_memory:
        monkeypatch.setattr(decoding, "OPEN_FILES", tmp_path / "none")
    image = decode(png(30, "#123456"))
    assert (image.width(), image.height(), image.pixelColor(3, 3).name()) == (30, 20, "#123456")
    assert image.format() == QImage.Format.Format_RGB32
    assert not list(tmp_path.iterdir())


def test_what_is_no_picture_is_told_as_such():
    with pytest.raises(DesktopOcrError) as told:
        decode(b"no picture")
    assert told.value.code is ErrorCode.DAMAGED


def test_threads_that_decode_and_the_window_do_not_wait_for_each_other(tmp_path):
    file = tmp_path / "page.png"
    file.write_bytes(png(30, "#ffffff"))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", STRESS, str(file)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
