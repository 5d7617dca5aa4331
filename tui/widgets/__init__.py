"""Parts of screens; each shows what its screen gives it and knows no proctor."""
