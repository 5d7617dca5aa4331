"""Small files of the formats that the real data sets of tables, digits and series come in.

The same names, headers and oddities (gaps, copies, a zip), but nobody's data.
"""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.synthetic.rng import Floats, Rng

DIGITS = {"train": 60, "t10k": 24}


def dataset(name: str, folder: Path) -> LocalDataset:
    """The data set `name`, made in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in _MAKERS[name]().items():
        (folder / file).write_bytes(content)
    return LocalDataset.unverified(folder)


def idx(array: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    """An idx file of bytes."""
    shape = b"".join(side.to_bytes(4, "big") for side in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


def _pictures() -> dict[str, bytes]:
    """Ten classes in a row, again and again; the first of both parts are nearly the same."""
    files = {}
    for part, count in DIGITS.items():
        images = Rng(1, part).integers(0, 256, (count, 28, 28)).astype(np.uint8)
        images[0] = np.arange(784, dtype=np.int64).reshape(28, 28) % 200 + (part == "train")
        files[f"{part}-images-idx3-ubyte"] = idx(images)
        files[f"{part}-labels-idx1-ubyte"] = idx((np.arange(count) % 10).astype(np.uint8))
    return files


def _iris() -> dict[str, bytes]:
    """50 flowers of each species, one of them told twice."""
    lines = ["sepal_length,sepal_width,petal_length,petal_width,species"]
    for number, name in enumerate(("setosa", "versicolor", "virginica")):
        lengths = Rng(2, name).normal(2.0 + number, 0.5, (50, 4)).round(1) + 1.0
        lengths[1] = lengths[0]
        lines += [f"{','.join(f'{each:.1f}' for each in row)},{name}" for row in lengths.tolist()]
    return {"iris.csv": _lines(lines)}


def _auto_mpg() -> dict[str, bytes]:
    """398 cars, six without horsepower, one told twice."""
    rng = Rng(3, "cars")
    lines = ["mpg,cylinders,displacement,horsepower,weight,acceleration,model_year,origin,name"]
    size = rng.uniform(size=398)
    for place, share in enumerate(size.tolist()):
        power = "" if place % 66 == 5 else f"{50 + 150 * share:.1f}"
        origin = ("usa", "europe", "japan")[place % 3]
        lines.append(
            f"{40 - 25 * share:.1f},{4 + 2 * (place % 3)},{80 + 300 * share:.1f},{power},"
            f"{1700 + 3000 * share:.0f},{10 + place % 9}.5,{70 + place % 13},{origin},car {place}"
        )
    return {"auto-mpg.csv": _lines([*lines, lines[1]])}


def _california() -> dict[str, bytes]:
    districts = Rng(4, "x").uniform(1, 100, (400, 8))
    districts[1] = districts[0]
    packed = io.BytesIO()
    np.savez(packed, x=districts, y=districts @ np.arange(8.0) * 1000)
    return {"california_housing.npz": packed.getvalue()}


def _wave(name: str, count: int, period: float) -> Floats:
    """A season with noise."""
    season = np.sin(np.arange(count) * 2 * np.pi / period)
    return np.asarray(2 + season + Rng(5, name).normal(0, 0.2, count))


def _dates(first: str, count: int, days: int) -> list[str]:
    return [str(np.datetime64(first) + days * each) for each in range(count)]


def _sunspots() -> dict[str, bytes]:
    values, dates = _wave("sun", 2700, 131.0) * 60, _dates("1749-01-31", 2700, 30)
    lines = [
        f"{place},{day},{value:.1f}"
        for place, (day, value) in enumerate(zip(dates, values, strict=True))
    ]
    return {"Sunspots.csv": _lines([",Date,Monthly Mean Total Sunspot Number", *lines])}


def _temperatures() -> dict[str, bytes]:
    values, dates = _wave("night", 3650, 365.0) * 5, _dates("1981-01-01", 3650, 1)
    lines = [f'"{day}",{value:.1f}' for day, value in zip(dates, values, strict=True)]
    return {"daily-min-temperatures.csv": _lines(['"Date","Temp"', *lines])}


def _diesel() -> dict[str, bytes]:
    """Changes that go on for a while, as pump prices do."""
    changes, last = [], 0.0
    for fresh in Rng(6, "oil").normal(0, 0.01, 1424).tolist():
        last = 0.6 * last + fresh
        changes.append(last)
    prices = 2.5 * np.exp(np.cumsum(changes))
    lines = [
        f"{day},{price:.3f}"
        for day, price in zip(_dates("1994-03-21", 1424, 7), prices, strict=True)
    ]
    header = "Week of,Weekly U.S. No 2 Diesel Retail Prices Dollars per Gallon"
    return {"weekly-us-diesel.csv": _lines([header, *lines])}


def _power() -> dict[str, bytes]:
    names = "Global_active_power,Global_reactive_power,Voltage,Global_intensity"
    header = f"datetime,{names},Sub_metering_1,Sub_metering_2,Sub_metering_3"
    minutes = np.datetime64("2006-12-16T17:24", "m") + np.arange(1500)
    values = np.stack([_wave(f"meter {each}", 1500, 60.0 + each) for each in range(7)], axis=1)
    lines = [
        f"{str(minute).replace('T', ' ')}:00,{','.join(f'{each:.3f}' for each in row)}"
        for minute, row in zip(minutes, values.tolist(), strict=True)
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("household_power_consumption.csv", _lines([header, *lines]))
    return {"household_power.zip": packed.getvalue()}


def _lines(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


_MAKERS: dict[str, Callable[[], dict[str, bytes]]] = {
    "fashion-mnist": _pictures,
    "mnist": _pictures,
    "iris": _iris,
    "auto-mpg": _auto_mpg,
    "california-housing": _california,
    "sunspots": _sunspots,
    "daily-min-temperatures": _temperatures,
    "us-diesel": _diesel,
    "household-power": _power,
}
NAMES = tuple(_MAKERS)
