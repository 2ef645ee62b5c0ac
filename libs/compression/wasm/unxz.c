/* The decoder of liblzma for WebAssembly: .xz, and .lzma, which came before it. tools/build/libraries.sh builds it. */
#include "lzma-step.h"

/* The limit of rpm. */
#define MEMORY_LIMIT (100 << 20)

EXPORT("open") lzma_stream *coder_open(void) {
  lzma_stream *stream = new_stream();
  return stream == NULL ? NULL : opened(stream, lzma_auto_decoder(stream, MEMORY_LIMIT, 0));
}
