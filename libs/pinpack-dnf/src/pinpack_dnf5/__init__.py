"""Called by libdnf5's plugin "actions" (libdnf5-actions(8)). Standard library only, Python 3.6 or newer."""
