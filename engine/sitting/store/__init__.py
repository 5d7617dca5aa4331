"""What a sitting keeps on disk: journal, lock, record, folders, and their repair."""
