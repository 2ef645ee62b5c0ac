"""Runs on the server: makes, verifies and removes the environments of applications, and wheels, from what wheel RPMs install.

Standard library only, Python 3.6 or newer: it runs inside RPM scriptlets, where nothing else can be relied on.
"""

__version__ = "0.1.0"
