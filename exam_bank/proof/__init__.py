"""Proves that a task's mark scheme measures something: `bank check`, PROOF.md, the summary."""
