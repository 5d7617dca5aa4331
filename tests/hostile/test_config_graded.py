"""Odd configurations that pass inspection, loaded by a real child: none is a fault of ours.

What Keras raises for them (TypeError, KeyError, OverflowError, …) is the file's fault.
"""

import json
import shutil
from collections import Counter
from pathlib import Path

import h5py
import pytest
from msgspec.structs import replace

from tests.hostile import honest
from tests.hostile.config_mutations import some_variants
from tests.hostile.long_child import LongChild
from tests.hostile.mutate import Outcome, what_happens

SEED, FILES = 1, 300

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


def graded(folder: Path, seed: int, count: int) -> Outcome:
    """What came of `count` models of which one value in the configuration is another."""
    job_files = folder / "job_files"
    job_files.mkdir()
    jobs = list(honest.make_in_subprocess(job_files).values())
    outcome, path = Outcome(), job_files / "mymodel.h5"
    configs = []
    for job in jobs:
        with h5py.File(job.model) as file:
            configs.append(json.loads(file.attrs["model_config"]))
    with LongChild(job_files, folder / "child.log") as child:
        for number, (text, way, value) in enumerate(some_variants(configs, seed, count)):
            job = jobs[number % len(jobs)]
            shutil.copy(job.model, path)
            with h5py.File(path, "r+") as file:
                del file.attrs["model_config"]
                file.attrs.create("model_config", text, dtype=h5py.string_dtype())
            what = what_happens(child, replace(job, model=str(path)), outcome)
            outcome.counts[what] += 1
            if what in ("hung", "fault of ours"):
                outcome.faults[-1] += f" ({value!r:.60} at {way} of {job.model})"
    return outcome


def test_no_value_in_a_configuration_is_our_fault(tmp_path: Path) -> None:
    outcome = graded(tmp_path, SEED, FILES)

    assert outcome.faults == [], outcome.report()
    assert outcome.counts.total() == FILES
    assert outcome.counts["graded"] > 0
    assert Counter(outcome.reasons)["cannot_load"] > 0, "some must come as far as Keras"
