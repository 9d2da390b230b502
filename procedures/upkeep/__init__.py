"""Approval by a second person, review dates, links that broke, moving and deleting."""
