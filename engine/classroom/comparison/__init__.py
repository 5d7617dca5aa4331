"""What an instructor should know beside the scores: equal work, and the second hidden set."""
