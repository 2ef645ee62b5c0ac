"""Prints what this environment is made of, and one result of the C extension."""

import numpy
import scipy.linalg

from . import abi_version, rms


def main() -> None:
    identity = numpy.eye(3)
    print("numpy", numpy.__version__, "scipy", scipy.__version__, "compiled for ABI", hex(abi_version()))
    print("rms of the identity:", rms(identity), "its determinant:", scipy.linalg.det(identity))


if __name__ == "__main__":
    main()
