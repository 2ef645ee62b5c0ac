/* rms(array) -> float: the root mean square of any numeric array, through numpy's C API.
 * abi_version() -> int: the C ABI version of the numpy that this module was compiled against. */
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <Python.h>
#include <math.h>
#include <numpy/arrayobject.h>

static PyObject *rms(PyObject *self, PyObject *argument) {
    (void)self;
    PyArrayObject *array = (PyArrayObject *)PyArray_FROMANY(argument, NPY_DOUBLE, 0, 0, NPY_ARRAY_IN_ARRAY);
    if (array == NULL) return NULL;
    const npy_intp count = PyArray_SIZE(array);
    if (count == 0) {
        Py_DECREF(array);
        PyErr_SetString(PyExc_ValueError, "rms: the array is empty");
        return NULL;
    }
    const double *values = (const double *)PyArray_DATA(array);
    double sum = 0.0;
    for (npy_intp i = 0; i < count; i++) sum += values[i] * values[i];
    Py_DECREF(array);
    return PyFloat_FromDouble(sqrt(sum / (double)count));
}

static PyObject *abi_version(PyObject *self, PyObject *unused) {
    (void)self;
    (void)unused;
    return PyLong_FromUnsignedLong((unsigned long)NPY_ABI_VERSION);
}

static PyMethodDef methods[] = {
    {"rms", rms, METH_O, "rms(array) -> float. ValueError when the array is empty."},
    {"abi_version", abi_version, METH_NOARGS, "abi_version() -> int: numpy's C ABI at compilation."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_rms", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__rms(void) {
    import_array();
    return PyModule_Create(&module);
}
