// Layouts of wheel RPMs. `tree` is the default, which files omit.

export const LAYOUTS = ['tree', 'stored'] as const;

/** `tree`: the unpacked wheel. `stored`: the canonical wheel as a single file, which is unpacked on the server if applications need that. */
export type Layout = (typeof LAYOUTS)[number];

export function isLayout(value: unknown): value is Layout {
  return LAYOUTS.some((layout) => layout === value);
}

/** Whether wheel RPMs contain bytecode. For stored wheels it is compiled when they are unpacked. */
export function carriesBytecode({ layout, bytecode }: { layout: Layout; bytecode: boolean }): boolean {
  return bytecode && layout === 'tree';
}
