"""From the folders and zips of a class to whose each file is, and for which task."""
