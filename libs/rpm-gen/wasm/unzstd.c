/* The decompressor of libzstd for WebAssembly: what src/unzstd-stream.ts calls. tools/build/wasm.sh builds it. */
#include <stdlib.h>
#include "zstd.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define FAILED 0xffffffffu

/* Returns 0 if there is not enough memory. */
EXPORT("open") ZSTD_DCtx *unzstd_open(void) { return ZSTD_createDCtx(); }

EXPORT("allocate") void *unzstd_allocate(size_t size) { return malloc(size); }

/* positions: bytes of the input that were used, advanced by the call, and bytes of output. Returns 0 at the end of a frame, and FAILED for an error. */
EXPORT("step")
unsigned unzstd_step(ZSTD_DCtx *context, void *input, unsigned input_size, void *output, unsigned output_size,
                     unsigned positions[2]) {
  ZSTD_inBuffer in = {input, input_size, positions[0]};
  ZSTD_outBuffer out = {output, output_size, 0};
  size_t left = ZSTD_decompressStream(context, &out, &in);
  positions[0] = in.pos;
  positions[1] = out.pos;
  return ZSTD_isError(left) ? FAILED : left > 0;
}
