/* The encoder of liblzma for WebAssembly. tools/build/libraries.sh builds it. */
#include "lzma-step.h"

/* As rpm: a preset, and SHA-256 as check. */
EXPORT("open") lzma_stream *coder_open(unsigned level) {
  lzma_stream *stream = new_stream();
  return stream == NULL ? NULL : opened(stream, lzma_easy_encoder(stream, level, LZMA_CHECK_SHA256));
}

/* dictionary: bytes; lc, lp, pb: bits of context, of literals' positions and of positions; effort: length that ends a search, and its depth. */
EXPORT("open_lzma2")
lzma_stream *coder_open_lzma2(unsigned dictionary, unsigned lc, unsigned lp, unsigned pb, unsigned nice_length, unsigned depth) {
  lzma_options_lzma options = {.dict_size = dictionary,
                               .lc = lc,
                               .lp = lp,
                               .pb = pb,
                               .mode = LZMA_MODE_NORMAL,
                               .mf = LZMA_MF_BT4,
                               .nice_len = nice_length,
                               .depth = depth};
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
  lzma_stream *stream = new_stream();
  return stream == NULL ? NULL : opened(stream, lzma_stream_encoder(stream, filters, LZMA_CHECK_CRC32));
}
