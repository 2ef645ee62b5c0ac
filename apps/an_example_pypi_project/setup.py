"""The extension needs numpy's header folder, which only the build's own numpy can name."""

import numpy
from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "an_example_pypi_project._rms",
            sources=["src/an_example_pypi_project/_rms.c"],
            include_dirs=[numpy.get_include()],
        )
    ]
)
