"""What Python or a system does otherwise than tfexam needs it, put right in one place."""
