"""`tfexam serve`: the app behind a page of a browser, for one person on one machine."""
