"""The pages of the manual as people read them."""
