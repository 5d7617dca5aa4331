"""What screens derive from a sitting; nothing here changes one."""
