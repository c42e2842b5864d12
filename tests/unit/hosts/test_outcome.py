from __future__ import annotations

from desktop_ocr.hosts.outcome import describe_exit


def test_ends_in_words() -> None:
    assert describe_exit(0, asked=True, killed=None).expected
    assert not describe_exit(0, asked=False, killed=None).expected
    assert "SIGSEGV" in describe_exit(-11, asked=False, killed=None).words
    assert "memory" in describe_exit(-9, asked=False, killed=None).words
    assert "memory" in describe_exit(-6, asked=False, killed=None).words
    assert describe_exit(-15, asked=False, killed="took longer than 5 s").words == "took longer than 5 s"
    assert describe_exit(3, asked=True, killed=None).words == "stopped with code 3"
    assert describe_exit(-64, asked=False, killed=None).words.startswith("crashed")
