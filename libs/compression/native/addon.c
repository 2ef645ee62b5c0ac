/*
 * A compressor as an addon of Node: the functions of wasm/coder.h with typed arrays in place of addresses. tools/build/libraries.sh builds one of each LIBRARY.
 * src/coder-thread.ts, its only caller, gives arguments of the right kinds and sizes; others are refused.
 */
#include <node_api.h>
#include LIBRARY

typedef struct {
  void *data;
  size_t size;
} Memory;

static napi_value refused(napi_env env) {
  napi_throw_type_error(env, NULL, "the compressor was called with other arguments");
  return NULL;
}

/* The memory of a typed array. Its size is in elements. */
static int memory_of(napi_env env, napi_value value, napi_typedarray_type expected, Memory *memory) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, &memory->size, &memory->data, NULL, NULL) == napi_ok && type == expected;
}

/* What JavaScript has of a context, which is NULL when it is closed. */
typedef struct {
  void *context;
} Handle;

static void finalize(napi_env env, void *handle, void *hint) {
  (void)env, (void)hint;
  coder_close(((Handle *)handle)->context);
  free(handle);
}

/* open(level): Returns 0 if there is not enough memory. */
static napi_value open_context(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  size_t count = 1;
  int32_t level;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 || napi_get_value_int32(env, argument, &level) != napi_ok)
    return refused(env);
  Handle *handle = calloc(1, sizeof *handle);
  if (handle != NULL) handle->context = coder_open(level);
  if (handle != NULL && handle->context != NULL && napi_create_external(env, handle, finalize, NULL, &result) == napi_ok) return result;
  if (handle != NULL) finalize(env, handle, NULL);
  return napi_create_uint32(env, 0, &result) == napi_ok ? result : NULL;
}

/* step(context, input, size of the input, output, positions, end) */
static napi_value step_context(napi_env env, napi_callback_info info) {
  napi_value arguments[6], result;
  size_t count = 6;
  Handle *handle;
  Memory input, output, positions;
  uint32_t size;
  bool end;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count != 6 ||
      napi_get_value_external(env, arguments[0], (void **)&handle) != napi_ok || handle->context == NULL || !memory_of(env, arguments[1], napi_uint8_array, &input) ||
      napi_get_value_uint32(env, arguments[2], &size) != napi_ok || size > input.size || !memory_of(env, arguments[3], napi_uint8_array, &output) ||
      output.size > UINT32_MAX || !memory_of(env, arguments[4], napi_uint32_array, &positions) || positions.size != 2 || ((uint32_t *)positions.data)[0] > size ||
      napi_get_value_bool(env, arguments[5], &end) != napi_ok)
    return refused(env);
  unsigned left = coder_step(handle->context, input.data, size, output.data, output.size, positions.data, end);
  return napi_create_uint32(env, left, &result) == napi_ok ? result : NULL;
}

/* close(context) */
static napi_value close_context(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  Handle *handle;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      napi_get_value_external(env, argument, (void **)&handle) != napi_ok)
    return refused(env);
  coder_close(handle->context);
  handle->context = NULL;
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"open", NULL, open_context, NULL, NULL, NULL, napi_enumerable, NULL},
      {"step", NULL, step_context, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_context, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
