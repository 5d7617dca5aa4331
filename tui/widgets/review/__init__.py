"""Parts of the review screen."""
