import os
from pathlib import Path

import pytest

from engine.machine.curves import (
    NO_LOG,
    NO_NUMBERS,
    NO_TABLE,
    UNREADABLE,
    Curve,
    CurveReader,
    CurveReading,
    NoCurve,
)

HEAD = "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n"


def written(folder: Path, text: str | bytes) -> CurveReading:
    data = text.encode() if isinstance(text, str) else text
    (folder / "training.csv").write_bytes(data)
    return CurveReader(folder).read()


def curve(reading: CurveReading) -> Curve:
    assert isinstance(reading, Curve), reading
    return reading


def reason(reading: CurveReading) -> str:
    assert isinstance(reading, NoCurve), reading
    return reading.reason.template


def test_a_log_is_read_as_pairs_with_the_loss_first(tmp_path: Path) -> None:
    found = curve(written(tmp_path, HEAD + "0,0.5,0.001,1.2,0.4,1.3\n1,0.7,0.001,0.8,0.6,0.9\n"))
    assert found.epochs == (1, 2)
    assert [each.name for each in found.pairs] == ["loss", "accuracy"]
    loss = found.pairs[0]
    assert loss.training.values == (1.2, 0.8)
    assert loss.validation is not None
    assert loss.validation.values == (1.3, 0.9)


def test_a_line_that_is_being_written_is_not_read_yet(tmp_path: Path) -> None:
    found = curve(written(tmp_path, HEAD + "0,0.5,0.001,1.2,0.4,1.3\n1,0.7,0.001,0.8,0.6,0."))
    assert found.epochs == (1,)


def test_only_the_newest_training_of_a_log_counts(tmp_path: Path) -> None:
    rows = "".join(f"{n},0.5,0.001,{n},0.4,{n}\n" for n in (0, 1, 2))
    found = curve(written(tmp_path, HEAD + rows + HEAD + rows + rows[: rows.index("2,")]))
    assert found.epochs == (1, 2)
    assert found.earlier == 2


def test_missing_values_are_gaps(tmp_path: Path) -> None:
    rows = "0,0.5,0.001,nan,NA,1.3\n1,0.7,0.001,inf,,0.9\n2,0.7,0.001,0.5,[0.1 0.2],0.9\n"
    found = curve(written(tmp_path, HEAD + rows))
    loss, accuracy = found.pairs
    assert loss.training.values == (None, None, 0.5)
    assert accuracy.validation is not None
    assert accuracy.validation.last is None


def test_a_semicolon_and_windows_lines_are_fine(tmp_path: Path) -> None:
    found = curve(written(tmp_path, "epoch;loss\r\n0;0.25\r\n1;0.125\r\n"))
    assert found.pairs[0].training.values == (0.25, 0.125)
    assert found.pairs[0].validation is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", NO_NUMBERS),
        (HEAD, NO_NUMBERS),
        (HEAD + "what,is,this\n", NO_NUMBERS),
        ("a,b\n1,2\n", NO_TABLE),
        ("epoch\n1\n", NO_TABLE),
        (",".join(["epoch", *(f"m{n}" for n in range(50))]) + "\n", NO_TABLE),
        (b"\x89HDF\r\n\x1a\n\x00\xff\xfe", NO_TABLE),
        (HEAD.encode() + b'0,"\xff\x00,1\n\x00\n', NO_NUMBERS),
    ],
)
def test_what_is_no_log_has_a_reason(tmp_path: Path, text: str | bytes, why: object) -> None:
    assert reason(written(tmp_path, text)) == why.template  # type: ignore[attr-defined]


def test_a_folder_without_a_log_says_how_to_get_one(tmp_path: Path) -> None:
    reader = CurveReader(tmp_path)
    assert reason(reader.read()) == NO_LOG.template
    assert reader.read() is reader.read()


def test_a_fifo_or_folder_of_that_name_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "training.csv")
    assert reason(CurveReader(tmp_path).read()) == UNREADABLE.template
    (tmp_path / "training.csv").unlink()
    (tmp_path / "training.csv").mkdir()
    assert reason(CurveReader(tmp_path).read()) == UNREADABLE.template


def test_the_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "training.csv"
    path.write_text(HEAD + "0,0.5,0.001,1.2,0.4,1.3\n")
    reader = CurveReader(tmp_path)
    first = reader.read()
    assert reader.read() is first
    with path.open("a") as log:
        log.write("1,0.7,0.001,0.8,0.6,0.9\n")
    assert curve(reader.read()).epochs == (1, 2)
    path.unlink()
    assert reason(reader.read()) == NO_LOG.template


def test_of_a_huge_log_the_end_is_enough(tmp_path: Path) -> None:
    rows = "".join(f"{n},0.5,0.001,0.25,0.4,1.3\n" for n in range(120_000))
    found = curve(written(tmp_path, HEAD + rows))
    assert found.epochs[-1] == 120_000
    assert 60_000 < len(found.epochs) < 120_000


def test_a_metric_that_is_the_loss_is_one_plot(tmp_path: Path) -> None:
    rows = "0,1.2,1.2000001,0.5,1.3\n1,0.8,0.8,0.4,0.9\n"
    found = curve(written(tmp_path, "epoch,loss,mae,mse,val_loss\n" + rows))
    assert [each.name for each in found.pairs] == ["loss", "mse"]
