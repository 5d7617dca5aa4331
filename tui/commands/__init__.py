"""One module per command, imported when its command runs: `tfexam --version` waits for none."""
