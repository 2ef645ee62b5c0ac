/* The decompressor of libzstd for WebAssembly: one or several frames. tools/build/libraries.sh builds it. */
#include "coder.h"
#include "zstd.h"

EXPORT("open") ZSTD_DCtx *coder_open(void) { return ZSTD_createDCtx(); }

EXPORT("step")
unsigned coder_step(ZSTD_DCtx *context, void *input, unsigned input_size, void *output, unsigned output_size,
                    unsigned positions[2]) {
  ZSTD_inBuffer in = {input, input_size, positions[0]};
  ZSTD_outBuffer out = {output, output_size, 0};
  size_t left = ZSTD_decompressStream(context, &out, &in);
  positions[0] = in.pos;
  positions[1] = out.pos;
  return ZSTD_isError(left) ? FAILED : left > 0;
}

EXPORT("close") void coder_close(ZSTD_DCtx *context) { ZSTD_freeDCtx(context); }
