"""Plain tables: every way a file can be wrong is named with its place and how to mend it."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.ground.findings import InputError
from mutirao.ground.tables import number, read_table, write_table


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(content)
    return path


def test_rows_carry_the_number_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = _written(tmp_path, b'\xef\xbb\xbfa,b\r\n1," x\ny "\r\n\r\n,\r\n 0 ,\r\n')
    table = read_table(path, ["a"], ["b"])
    assert list(table["_row"]) == [2, 5]
    assert list(table["a"]) == ["1", "0"]
    assert list(table["b"]) == ["x\ny", ""]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\n1,\xe9\n", r"row 2: byte 7 \(0xE9\)"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a;b\n1;2\n", "semicolons"),
        (b"a\tb\n1\t2\n", "tabs"),
        (b"PK\x03\x04 more", "workbook"),
        (b"a,b\n1\n", r"row 2: the row has 1 cells where the header has 2"),
        (b"a,b\n1,2,3\n", r"row 2: the row has 3 cells"),
        (b"a,b,a\n1,2,3\n", r"column 'a': the column appears 2 times"),
        (b"a,,b\n1,2,3\n", "column number 2 has no name"),
        (b"b\n1\n", r"column 'a': the column is missing"),
        (b"a,b,c\n1,2,3\n", r"column 'c': the column is not known"),
        (b'a,b\n1,"2\n', "double quote"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_table(_written(tmp_path, content), ["a"], ["b"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.csv")


def test_too_many_rows_are_one_finding(tmp_path: Path) -> None:
    path = _written(tmp_path, b"a\n" + b"1\n" * 6)
    assert len(read_table(path, max_rows=6)) == 6
    with pytest.raises(InputError, match="more than 5 rows") as refused:
        read_table(path, max_rows=5)
    assert len(refused.value.findings) == 1


def test_many_ragged_rows_are_counted_not_listed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_table(_written(tmp_path, b"a,b\n" + b"1\n" * 50))
    assert len(refused.value.findings) == 21
    assert "30 more rows" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3,5", "decimal comma. Write 3.5"),
        ("1,234", "thousands separator"),
        ("1.234.567", "thousands separator"),
        ("1 234", "thousands separator"),
        ("nan", "not a figure"),
        ("-Inf", "not a figure"),
        ("1e999", "too large"),
        ("\u22125", "Write -5"),
        ("NO", "not a number"),
        ("1_000", "not a number"),
        ("0x10", "not a number"),
    ],
)
def test_what_is_no_number_is_refused_with_its_cell(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        number(text, "f.csv", 7, "value")
    assert str(refused.value).startswith("f.csv, row 7, column 'value': ")


def test_blank_and_zero_are_two_things() -> None:
    assert number("  ", "f", 1, "c") is None
    assert number("0", "f", 1, "c") == 0.0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_to_the_last_digit(value: float) -> None:
    assert number(repr(value), "f", 1, "c") == value


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(pd.DataFrame({"a": [0.1 + 0.2, None], "_row": [2, 3]}), path)
    assert path.read_text() == 'a\n0.30000000000000004\n""\n'
    with pytest.raises(UnicodeEncodeError):
        write_table(pd.DataFrame({"a": ["\ud800"]}), path)
    assert path.read_text().startswith("a\n0.3")
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
