/* The compressor of libzstd for WebAssembly: what src/zstd-stream.ts calls. tools/build/wasm.sh builds it. */
#include <stdlib.h>
#include "zstd.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define FAILED 0xffffffffu

/* Returns 0 if there is not enough memory or the level is unknown. */
EXPORT("open") ZSTD_CCtx *zstd_open(int level) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL || ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))) return NULL;
  return context;
}

EXPORT("allocate") void *zstd_allocate(size_t size) { return malloc(size); }

/* positions: bytes of the input that were used, advanced by the call, and bytes of output. Returns what is left to flush, or FAILED. */
EXPORT("step")
unsigned zstd_step(ZSTD_CCtx *context, void *input, unsigned input_size, void *output, unsigned output_size,
                   unsigned positions[2], int end) {
  ZSTD_inBuffer in = {input, input_size, positions[0]};
  ZSTD_outBuffer out = {output, output_size, 0};
  size_t left = ZSTD_compressStream2(context, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
  positions[0] = in.pos;
  positions[1] = out.pos;
  return ZSTD_isError(left) ? FAILED : (unsigned)left;
}
