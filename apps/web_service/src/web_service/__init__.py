"""Keeps notes: a small Django service with a health endpoint."""
