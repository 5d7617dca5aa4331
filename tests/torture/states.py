"""Any legal order of events, with a crash at any byte of the journal: the state must be told.

    python -m tests.torture.states --examples 2000

Runs the state machine of `tests/engine/test_sitting.py` over many more examples, and lets
it crash: its journal is cut at a drawn byte and read again as the app does at its next
start. What comes back must be the state of the whole lines, and nothing else.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from engine.sitting.store.journal import NAME, read_journal, restored
from tests.engine.test_sitting import AnyLegalOrder, prefix_states


class AnyCrash(AnyLegalOrder):
    """Events in any legal order, and crashes that leave any part of the journal."""

    folder = Path()
    examples = happened_in_all = crashes = 0

    @precondition(lambda self: self.happened)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        lines = [msgspec.json.encode(event) + b"\n" for event in self.happened]
        whole = b"".join(lines)
        cut = data.draw(st.integers(0, len(whole)))
        path = self.folder / NAME
        path.write_bytes(whole[:cut])
        read = read_journal(path)
        kept = whole[:cut].count(b"\n")
        assert (len(read.events), read.length + read.torn) == (kept, cut)
        state = restored(self.record, read.events, path)
        assert state == list(prefix_states(self))[kept]
        type(self).crashes += 1

    def teardown(self) -> None:
        """Besides: count."""
        super().teardown()
        type(self).examples += 1
        type(self).happened_in_all += len(self.happened)


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--examples", type=int, default=2000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-states-") as folder:
        AnyCrash.folder = Path(folder)
        run_state_machine_as_test(
            AnyCrash,
            settings=settings(
                max_examples=given.examples,
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    sys.stdout.write(
        f"{AnyCrash.examples} examples, {AnyCrash.happened_in_all} events, "
        f"{AnyCrash.crashes} crashes: every state as it must be\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
