/* The compressor of libzstd. tools/build/libraries.sh builds it. */
#include "coder.h"
#include "zstd.h"

EXPORT("open") ZSTD_CCtx *coder_open(int level) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL || !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))) return context;
  ZSTD_freeCCtx(context);
  return NULL;
}

EXPORT("step")
unsigned coder_step(ZSTD_CCtx *context, void *input, unsigned input_size, void *output, unsigned output_size,
                    unsigned positions[2], int end) {
  ZSTD_inBuffer in = {input, input_size, positions[0]};
  ZSTD_outBuffer out = {output, output_size, 0};
  // As `zstd` from a pipe and applydeltarpm: if a stream ended with data, its frame could have their size, and one block less.
  ZSTD_EndDirective directive = end && in.pos == in.size ? ZSTD_e_end : ZSTD_e_continue;
  size_t left = ZSTD_compressStream2(context, &out, &in, directive);
  positions[0] = in.pos;
  positions[1] = out.pos;
  if (ZSTD_isError(left)) return FAILED;
  return directive == ZSTD_e_end ? left > 0 : 1;
}

EXPORT("close") void coder_close(ZSTD_CCtx *context) { ZSTD_freeCCtx(context); }
