"""Full-screen views, each beside its stylesheet."""
