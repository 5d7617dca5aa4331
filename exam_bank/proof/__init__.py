"""Proves that a task's mark scheme measures skill: `bank check`, PROOF.md, the summary."""
