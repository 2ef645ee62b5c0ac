"""Keeps a local repository up to date by patches: `pinpack-runtime fetch`. Standard library only, Python 3.6 or newer."""
