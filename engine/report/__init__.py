"""What is left after a sitting: results as TOML, JSON and HTML."""
