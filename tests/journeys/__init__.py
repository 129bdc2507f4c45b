"""Journeys: people at real browsers, against the real `script/server`."""
