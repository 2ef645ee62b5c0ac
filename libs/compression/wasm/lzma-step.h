/* `step` and `close` are the same for the encoders and decoders of liblzma. */
#include "coder.h"
#include "lzma.h"

static lzma_stream *new_stream(void) { return calloc(1, sizeof(lzma_stream)); }

EXPORT("step")
unsigned coder_step(lzma_stream *stream, unsigned char *input, unsigned input_size, unsigned char *output, unsigned output_size,
                    unsigned positions[2], int end) {
  stream->next_in = input + positions[0];
  stream->avail_in = input_size - positions[0];
  stream->next_out = output;
  stream->avail_out = output_size;
  lzma_ret result = lzma_code(stream, end ? LZMA_FINISH : LZMA_RUN);
  positions[0] = input_size - stream->avail_in;
  positions[1] = output_size - stream->avail_out;
  if (result == LZMA_STREAM_END) return 0;
  // LZMA_BUF_ERROR: there was nothing to do.
  return result == LZMA_OK || result == LZMA_BUF_ERROR ? 1 : FAILED;
}

EXPORT("close") void coder_close(lzma_stream *stream) {
  lzma_end(stream);
  free(stream);
}

/* A stream if `result` is LZMA_OK. */
static lzma_stream *opened(lzma_stream *stream, lzma_ret result) {
  if (result == LZMA_OK) return stream;
  coder_close(stream);
  return NULL;
}
