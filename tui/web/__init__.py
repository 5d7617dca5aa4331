"""`tfexam serve`: the app in a browser, for one person on one machine."""
