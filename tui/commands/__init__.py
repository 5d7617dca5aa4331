"""One module a command, each imported when its command runs: `tfexam --version` waits for none."""
