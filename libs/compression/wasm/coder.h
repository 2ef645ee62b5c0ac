/*
 * The interface of every library here, which src/coder-thread.ts and src/decompressor.ts call:
 *
 *   open(...)         Returns a context, or 0 if there is not enough memory or an argument is out of range.
 *   allocate(size)    Memory for blocks.
 *   step(context, input, input_size, output, output_size, positions, end)
 *                     positions: bytes of the input that were used, advanced by the call, and bytes of output.
 *                     end: the input is the last. Returns 0 at the end of the stream, FAILED for an error, and another number otherwise.
 *   close(context)
 */
#include <stdlib.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#else
/* native/addon.c calls the functions itself. */
#define EXPORT(name) static
#endif
#define FAILED 0xffffffffu

EXPORT("allocate") void *coder_allocate(size_t size) { return malloc(size); }
