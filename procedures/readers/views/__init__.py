"""Pages for readers, for those who answer them, and for those who watch who has read what."""
