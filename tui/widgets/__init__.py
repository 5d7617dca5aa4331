"""Parts of screens; each runs alone as a demo under __main__."""
