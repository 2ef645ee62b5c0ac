/* The compressor of zlib, with the header of gzip. tools/build/libraries.sh builds it. */
#include "coder.h"
#include "zlib.h"

#define WINDOW_BITS_WITH_GZIP (MAX_WBITS + 16)
#define DEFAULT_MEMORY_LEVEL 8

EXPORT("open") z_stream *coder_open(int level) {
  z_stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL || deflateInit2(stream, level, Z_DEFLATED, WINDOW_BITS_WITH_GZIP, DEFAULT_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
    return stream;
  free(stream);
  return NULL;
}

EXPORT("step")
unsigned coder_step(z_stream *stream, unsigned char *input, unsigned input_size, unsigned char *output, unsigned output_size,
                    unsigned positions[2], int end) {
  stream->next_in = input + positions[0];
  stream->avail_in = input_size - positions[0];
  stream->next_out = output;
  stream->avail_out = output_size;
  int result = deflate(stream, end ? Z_FINISH : Z_NO_FLUSH);
  positions[0] = input_size - stream->avail_in;
  positions[1] = output_size - stream->avail_out;
  if (result == Z_STREAM_END) return 0;
  // Z_BUF_ERROR: there was nothing to do.
  return result == Z_OK || result == Z_BUF_ERROR ? 1 : FAILED;
}

EXPORT("close") void coder_close(z_stream *stream) {
  deflateEnd(stream);
  free(stream);
}
