"""US diesel: ten weekly prices as somebody noted them, and the true ones of the next ten weeks."""

import numpy as np

from exam_bank.datasets import LocalDataset
from exam_bank.material import HiddenSet, Material
from exam_bank.real import tables
from exam_bank.real.series import Cut, Windows, mean_error
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import csv, rounded

PRICE = "Weekly U.S. No 2 Diesel Retail Prices Dollars per Gallon"
PAST = AHEAD = 10
FIRSTS, SPLITS = range(41), range(960, 1061)
# Prices alone hold little but the last one. So the notes have to be put right first: these
# shares of them are per litre and per imperial gallon. With the latter, not even the highest
# note of a window can be trusted.
LITRES, IMPERIAL = 0.35, 0.06
LITRES_A_GALLON, GALLONS_AN_IMPERIAL = 3.785412, 1.20095
# The later weeks are asked about with so many different notes.
NOTES = 3


def make(seed: int, dataset: LocalDataset) -> Material:
    """Prices in a drawn currency up to a drawn week; hidden: every window after it."""
    columns = tables.read(dataset.payload("weekly-us-diesel.csv"), ("Week of", PRICE))
    rng = Rng(seed, "us-diesel")
    rate = float(rng.child("rate").uniform(4.0, 12.0)[0])
    prices = rounded(tables.numbers(columns, (PRICE,)) * rate, 3)
    cut = Cut.draw(rng.child("cut"), FIRSTS, SPLITS)
    known, later = cut.parts(prices)
    true = Windows.of(later, PAST, AHEAD)
    notes = [_noted(later, rng.child(f"notes {place}")) for place in range(NOTES)]
    inputs = np.concatenate([Windows.of(each, PAST, AHEAD).inputs for each in notes])
    asked = Windows(inputs, np.concatenate([true.targets] * NOTES))
    shown = {"week": np.array(columns["Week of"])[cut.first : cut.split], "price": known[:, 0]}
    shown["noted"] = _noted(known, rng.child("notes"))[:, 0]
    trivial = asked.trivial(known.mean(axis=0))
    trivial["highest of the window"] = np.broadcast_to(
        inputs.max(axis=1, keepdims=True), asked.targets.shape
    )
    return Material(
        files={"data/train.csv": csv(shown, {"price": 3, "noted": 3})},
        hidden=HiddenSet(
            inputs.astype(np.float32),
            asked.targets[..., 0].astype(np.float32),
            baseline=mean_error(true.inputs[:, -1:], true.targets),
        ),
        trivial={name: values[..., 0] for name, values in trivial.items()},
    )


def _noted(prices: Floats, rng: Rng) -> Floats:
    """`prices` (n, 1), some of them for a litre or an imperial gallon."""
    drawn = rng.uniform(size=prices.shape)
    gallons = np.where(drawn < LITRES, 1 / LITRES_A_GALLON, 1.0)
    gallons = np.where(drawn >= 1 - IMPERIAL, GALLONS_AN_IMPERIAL, gallons)
    return rounded(prices * gallons, 3)
