"""What a sitting is at a moment: pure folds over its events."""
