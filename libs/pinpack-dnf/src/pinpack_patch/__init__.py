"""Rebuilds RPMs from patches (docs/patches.md). Standard library only, Python 3.6 or newer."""
