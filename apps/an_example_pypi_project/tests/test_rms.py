import math
import unittest

import numpy

from an_example_pypi_project import rms


class RmsTest(unittest.TestCase):
    def test_of_a_matrix(self):
        self.assertAlmostEqual(rms(numpy.eye(3)), math.sqrt(1 / 3))

    def test_of_nothing(self):
        with self.assertRaises(ValueError):
            rms([])


if __name__ == "__main__":
    unittest.main()
