"""What a candidate learns from past sittings: how strong each skill is, and what to do next."""
