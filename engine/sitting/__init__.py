"""One candidate's time with one paper: events, journal, state, files, proctor."""
