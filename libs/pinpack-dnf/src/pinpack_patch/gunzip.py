"""Decompresses metadata of repositories, with a limit."""

import zlib


def gunzip(compressed: bytes, largest: int) -> bytes:
    """Raises zlib.error or ValueError."""
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
    content = decoder.decompress(compressed, largest)
    if not decoder.eof:
        raise ValueError("it is incomplete, or larger than {} bytes".format(largest))
    return content
