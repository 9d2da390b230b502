"""What readers say, follow, and confirm that they have read."""
