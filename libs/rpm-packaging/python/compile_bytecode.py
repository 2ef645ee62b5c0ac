"""Compiles Python sources to unchecked hash-based pycs (PEP 552), the same bytes for the same sources and the same Python.

Run by the reqset's own Python, with -s -S -W ignore and a fixed PYTHONHASHSEED. On standard input one line of JSON, then
the sources one behind the other; on standard output the same form:

  {"names": [path that tracebacks name, ...], "sizes": [bytes of the source, ...]}
    -> {"tag": "cpython-311", "sizes": [bytes of the pyc, or null where the source doesn't compile, ...]}
"""

import importlib.util
import json
import marshal
import sys

HASH_BASED_UNCHECKED = (1).to_bytes(4, "little")


def compile_source(source, name):
    try:
        # Any error of the parser or the compiler: wheels carry files for other Pythons, and templates that are none.
        code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        data = marshal.dumps(code)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return importlib.util.MAGIC_NUMBER + HASH_BASED_UNCHECKED + importlib.util.source_hash(source) + data


def main():
    question = json.loads(sys.stdin.buffer.readline())
    pycs = [
        compile_source(sys.stdin.buffer.read(size), name) for name, size in zip(question["names"], question["sizes"])
    ]
    sizes = [None if pyc is None else len(pyc) for pyc in pycs]
    answer = {"tag": sys.implementation.cache_tag, "sizes": sizes}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(pyc for pyc in pycs if pyc is not None))


if __name__ == "__main__":
    main()
