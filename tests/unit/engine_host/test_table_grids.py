"""Cells of tables by rulings and by the words' alignment, and which way is believed."""

from __future__ import annotations

from desktop_ocr.engine_host.features.table_choice import choose, clean, torn, with_head
from desktop_ocr.engine_host.features.table_html import parse_places
from desktop_ocr.engine_host.features.table_matching import grid_by_cells
from desktop_ocr.engine_host.features.table_rulings import Rulings, covered, grid_by_rulings, joined
from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit
from desktop_ocr.engine_host.features.table_words import grid_by_words
from desktop_ocr.schema.results import Box

HEIGHT = 10.0
NO_RULINGS = Rulings([], HEIGHT)


def unit(text: str, x: float, y: float, line: int = 0, word: int = 0) -> Unit:
    """A word whose letters are 6 pixels wide."""
    return Unit(line, word, text, (x, y, x + 6.0 * len(text), y + HEIGHT), HEIGHT)


def words(rows: list[list[tuple[str, float]]], pitch: float = 20.0) -> list[Unit]:
    """Units in rows; each at its x, each a line of its own."""
    units = []
    for number, row in enumerate(rows):
        for text, x in row:
            units.append(unit(text, x, number * pitch, line=len(units)))
    return units


def lattice(xs: list[float], ys: list[float]) -> list[Box]:
    """All the rulings of a table."""
    across = [(xs[0], y - 0.5, xs[-1], y + 0.5) for y in ys]
    return across + [(x - 0.5, ys[0], x + 0.5, ys[-1]) for x in xs]


def said(grid: Grid, units: list[Unit]) -> dict[tuple[int, int, int, int], str]:
    """Text by row, column and spans of the cells that have any."""
    return {slot[:4]: " ".join(units[number].text for number in slot.units) for slot in grid.slots if slot.units}


PLAIN = [[("Name", 0), ("Year", 100), ("Sum", 200)], [("Ann", 0), ("1901", 100), ("12", 200)]]


def test_rulings_of_one_height_are_one() -> None:
    rulings = Rulings([(0, 10, 50, 11), (51.5, 11, 100, 12), (0, 40, 100, 52), (30, 0, 31, 60)], HEIGHT)
    assert len(rulings.across) == 1
    assert next(iter(rulings.across.values())) == [(0, 100)]
    assert list(rulings.down) == [30.5]
    assert joined([(5, 9), (0, 4)]) == [(0, 4), (5, 9)]
    assert covered([(0, 4), (5, 9)], 0, 10) == 0.8
    assert covered([(0, 4)], 3, 3) == 0.0


def test_a_fully_ruled_table() -> None:
    units = words(PLAIN)
    grid = grid_by_rulings(units, Rulings(lattice([-5, 90, 190, 290], [-5, 15, 35]), HEIGHT))
    assert grid is not None
    assert (grid.rows, grid.columns, grid.source) == (2, 3, "rulings")
    assert said(grid, units)[1, 1, 1, 1] == "1901"


def test_walls_that_are_missing_make_spans() -> None:
    units = [unit("Head", 60, 0), unit("a", 0, 20), unit("b", 100, 20)]
    boxes: list[Box] = [(-5, y, 200, y + 1) for y in (-5.0, 15.0, 35.0)]
    boxes += [(-5, -5, -4, 36), (199, -5, 200, 36), (90, 15, 91, 36)]
    grid = grid_by_rulings(units, Rulings(boxes, HEIGHT))
    assert grid is not None
    assert said(grid, units) == {(0, 0, 1, 2): "Head", (1, 0, 1, 1): "a", (1, 1, 1, 1): "b"}


def test_sides_that_are_not_ruled() -> None:
    units = words(PLAIN)
    inner: list[Box] = [(-5, 15, 290, 16), (-5, -5, 290, -4), (90, -5, 91, 35), (190, -5, 191, 35)]
    grid = grid_by_rulings(units, Rulings(inner, HEIGHT))
    assert grid is not None
    assert (grid.rows, grid.columns) == (2, 3)
    assert len(said(grid, units)) == 6


def test_rulings_around_other_text_are_no_table() -> None:
    away = Rulings(lattice([500, 600, 700], [500, 520, 540]), HEIGHT)
    assert grid_by_rulings(words(PLAIN), away) is None
    assert grid_by_rulings(words(PLAIN), NO_RULINGS) is None


def test_words_in_columns() -> None:
    rows = [*PLAIN, [("Bob", 0), ("1902", 100), ("7", 212)], [("Chris", 0), ("1903", 100)]]
    units = words(rows)
    grid = grid_by_words(units, NO_RULINGS)
    assert grid is not None
    assert (grid.rows, grid.columns) == (4, 3)
    assert said(grid, units)[2, 2, 1, 1] == "7"
    assert (3, 2, 1, 1) not in said(grid, units)


def test_words_over_several_columns_span_them() -> None:
    units = words([[("a title that stands over all of the table", 0)], *PLAIN, *PLAIN, *PLAIN])
    grid = grid_by_words(units, NO_RULINGS)
    assert grid is not None
    spans = {slot.column_span for slot in grid.slots if slot.row == 0}
    assert spans == {3}


def test_a_ruling_below_a_head_says_what_it_heads() -> None:
    rows = [[("Sums", 180)], [("Name", 0), ("net", 100), ("gross", 200)], *PLAIN[1:], *PLAIN[1:]]
    units = words(rows)
    grid = grid_by_words(units, Rulings([(95, 13, 240, 14)], HEIGHT))
    assert grid is not None
    assert said(grid, units)[0, 1, 1, 2] == "Sums"


def test_prose_is_no_table() -> None:
    units = [unit("word", 30 * number, 20 * row) for row in range(4) for number in range(8)]
    assert grid_by_words(units, NO_RULINGS) is None
    assert choose([], NO_RULINGS) is None


def test_cells_of_a_model_get_the_words_in_them_and_next_to_them() -> None:
    places = parse_places("<tr><td></td><td></td></tr><tr><td></td><td></td></tr>")
    boxes = [(0.0, 0.0, 40.0, 12.0), (100.0, 0.0, 140.0, 12.0), (0.0, 20.0, 40.0, 32.0), (100.0, 20.0, 140.0, 32.0)]
    units = [unit("a", 5, 0), unit("b", 160, 1), unit("c", 3, 21), unit("d", 110, 40)]
    grid = grid_by_cells(units, places, boxes, "model")
    assert grid is not None
    assert said(grid, units) == {(0, 0, 1, 1): "a", (0, 1, 1, 1): "b", (1, 0, 1, 1): "c", (1, 1, 1, 1): "d"}
    assert grid_by_cells(units, places, boxes[1:], "model") is None
    assert grid_by_cells(units, [], [], "model") is None


def test_the_model_is_asked_only_where_words_do_not_show_the_cells() -> None:
    asked = []

    def model() -> Grid:
        asked.append(True)
        return Grid(2, 2, (Slot(0, 0, units=(0,)), Slot(1, 1, units=(1,))), "model")

    clear = words([*PLAIN, *PLAIN[1:], *PLAIN[1:]])
    grid = choose(clear, NO_RULINGS, model)
    assert grid is not None
    assert grid.source == "words"
    assert not asked
    ragged = words([[("Major", 0), ("Emissions of", 100)], [("ten tons", 100)], [("per year", 100)], [("or so", 100)]])
    found = choose(ragged, NO_RULINGS, model)
    assert found is not None
    assert found.source == "model"
    assert asked


def test_how_clean_and_how_torn() -> None:
    units = [unit("a", 0, 0), unit("b", 100, 0), unit("c", 0, 20)]
    grid = Grid(2, 2, (Slot(0, 0, units=(0,)), Slot(0, 1, units=(1,)), Slot(1, 1, units=(2,))), "")
    assert clean(grid) == 0.5
    assert torn(grid, units) == 0.0
    assert torn(Grid(1, 1, (Slot(0, 0, units=(0, 1)),), ""), units) == 1.0
    assert torn(Grid(1, 1, (Slot(0, 0, units=(0, 2)),), ""), units) == 0.0


def test_heads() -> None:
    def heads(*slots: Slot, rows: int = 4) -> set[int]:
        found = with_head(Grid(rows, 2, slots, ""), units)
        return {slot.row for slot in found.slots if slot.heading}

    units = [unit("Name", 0, 0), unit("1,234.50", 0, 0), unit("Sum", 0, 0)]
    below = (Slot(1, 0), Slot(2, 0), Slot(3, 0))
    assert heads(Slot(0, 0, units=(0,)), Slot(0, 1, units=(2,)), *below) == {0}
    assert heads(Slot(0, 0, units=(0,)), Slot(0, 1, units=(1,)), *below) == set()
    assert heads(Slot(0, 0, 1, 2, units=(0,)), *below) == {0, 1}
    assert heads(Slot(0, 0, 2, 1, units=(0,)), Slot(0, 1, units=(2,)), *below[1:]) == {0}
    assert heads(Slot(0, 0, units=(0,)), rows=1) == set()
