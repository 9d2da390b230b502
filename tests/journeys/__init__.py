"""Journeys: a real portal (web server and worker under the supervisor), a real browser, real sign-in."""
