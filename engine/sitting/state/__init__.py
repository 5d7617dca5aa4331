"""The state of a sitting at one moment: pure folds over its events."""
