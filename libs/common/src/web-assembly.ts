/** The part of WebAssembly that is used here: TypeScript declares it for browsers only. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/** The memory of an instance. Its buffer is another one after each growth. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Compiles a library without imports, and makes an instance of it. @returns its exports, which the caller declares */
export function instantiate(bytes: Uint8Array): unknown {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyGlobal }).WebAssembly;
  const library = new Instance(new Module(bytes), {}).exports as { _initialize?: () => void };
  library._initialize?.();
  return library;
}
