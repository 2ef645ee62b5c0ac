// How wheel RPMs carry their wheels. Files leave `tree` out: it is what they mean where they say nothing.

export const LAYOUTS = ['tree', 'stored'] as const;

/** `tree`: unpacked, file by file. `stored`: the canonical wheel as one file, from which the server unpacks what its applications need. */
export type Layout = (typeof LAYOUTS)[number];

export function isLayout(value: unknown): value is Layout {
  return LAYOUTS.some((layout) => layout === value);
}

/** Whether wheel RPMs have bytecode in them. Of stored wheels it is compiled where they are unpacked. */
export function carriesBytecode({ layout, bytecode }: { layout: Layout; bytecode: boolean }): boolean {
  return bytecode && layout === 'tree';
}
