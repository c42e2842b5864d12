"""The part of the ledger that is about the days on which the program ran: the clock is believed when they go on."""

from __future__ import annotations

from desktop_ocr.core.ledger_db import Store

LONGEST_GAP = 7
"""Days. When the program seems not to have run for longer, the clock may have been set far ahead."""
KEPT = 30


class DayTable(Store):
    """Days are counted from 1970, in UTC."""

    def begin(self, today: int) -> bool:
        """Note that the program runs today.

        A clock that jumps ahead is not believed at once: only when the program runs on another day after that, too.
        One that was ahead and is right again shows a day before those that are noted, which never were then.

        Returns:
            Whether the clock can be believed.

        Raises:
            DesktopOcrError: it could not be noted.
        """
        with self._writing():
            self._db.execute("DELETE FROM days WHERE day > ?", (today,))
            row = self._db.execute("SELECT day, doubtful FROM days ORDER BY day DESC LIMIT 1").fetchone()
            if row is None:
                before, doubted = self._last_heard(today), False
            else:
                before, doubted = row[0], bool(row[1])
            doubtful = doubted if before == today else today - before > LONGEST_GAP and not doubted
            self._db.execute("INSERT OR REPLACE INTO days (day, doubtful) VALUES (?, ?)", (today, doubtful))
            self._db.execute(
                "DELETE FROM days WHERE day NOT IN (SELECT day FROM days ORDER BY day DESC LIMIT ?)", (KEPT,)
            )
        return not doubtful

    def _last_heard(self, today: int) -> int:
        """The last day on which anything was stored, in a ledger without noted days; today, where nothing is."""
        (latest,) = self._db.execute(
            "SELECT max(max(created, beat)) FROM jobs WHERE created <= ?", ((today + 1) * 86_400,)
        ).fetchone()
        return today if not latest else min(today, int(latest // 86_400))
