"""PDF, Word, text, and the offline copy."""
