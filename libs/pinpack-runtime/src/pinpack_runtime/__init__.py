"""What pinpack runs on the target: it rebuilds, verifies and removes the wheels that wheel RPMs carry unzipped.

Standard library only, Python 3.6 or newer: it runs inside RPM scriptlets, where nothing else can be relied on.
"""

__version__ = "0.1.0"
