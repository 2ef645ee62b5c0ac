"""Runs on the server: creates, verifies and removes the environments of applications, and wheels, from the files of wheel RPMs.

Standard library only, Python 3.6 or newer: it runs inside RPM scriptlets, where nothing else is certain to be installed.
"""

__version__ = "0.1.0"
# Of the version: it dates the RPMs, which have the same bytes on any day.
__date__ = "2026-11-26"
