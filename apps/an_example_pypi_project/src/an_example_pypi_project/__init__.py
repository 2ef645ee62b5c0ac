"""Root mean squares, computed in C through numpy's C API."""

from ._rms import abi_version, rms

__all__ = ["abi_version", "rms"]
