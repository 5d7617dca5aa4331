"""Parts of screens; each shows what its screen gives it, and none knows the proctor."""
