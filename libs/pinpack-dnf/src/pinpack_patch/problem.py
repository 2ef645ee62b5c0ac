"""The error class of this package."""


class PatchProblem(Exception):
    """Why an RPM cannot be rebuilt, in one line. The caller downloads the RPM instead."""
