/* The decompressor of libdeflate for WebAssembly: what src/zip/inflate-into.ts calls. tools/build/libraries.sh builds it. */
#include <stdlib.h>
#include "libdeflate.h"

#define EXPORT(name) __attribute__((export_name(name)))

static struct libdeflate_decompressor *decompressor;
static void *memory;
static size_t reserved;

/* Memory for an input and the output after it; 0 if there is not enough. Only that of the last call is valid. */
EXPORT("reserve") void *inflate_reserve(size_t size) {
  if (decompressor == NULL) decompressor = libdeflate_alloc_decompressor();
  if (decompressor == NULL) return NULL;
  if (size <= reserved) return memory;
  free(memory);
  memory = malloc(size);
  reserved = memory == NULL ? 0 : size;
  return memory;
}

/* Returns 0 if the input inflates to exactly as many bytes. */
EXPORT("inflate") int inflate_raw(const void *input, size_t input_size, void *output, size_t output_size) {
  return libdeflate_deflate_decompress(decompressor, input, input_size, output, output_size, NULL);
}
