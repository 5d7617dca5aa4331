"""A sitting as one file, and the check on any machine that its models get its scores."""
