/** A minimal ELF shared object of any word size and byte order. */
export interface ElfShape {
  bits: 32 | 64;
  order: 'little' | 'big';
  /** `e_machine`; by default that of x86, s390 or PowerPC. */
  machine?: number;
}

const STRINGS = ['', 'libneeded.so.1', 'libtiny.so.2', 'VERSION_1', '.shstrtab'];

/** Needs `libneeded.so.1`, in version `VERSION_1`, and is `libtiny.so.2`. */
export function buildElf({ bits, order, machine: given }: ElfShape): Buffer {
  const wide = bits === 64;
  const at = (text: string) => Buffer.byteLength(`${STRINGS.slice(0, STRINGS.indexOf(text)).join('\0')}\0`);
  const number = (value: number, size: number) => {
    const bytes = Buffer.alloc(size);
    if (order === 'little') bytes.writeUIntLE(value, 0, Math.min(size, 4));
    else bytes.writeUIntBE(value, size - Math.min(size, 4), Math.min(size, 4));
    return bytes;
  };
  const word = (value: number) => number(value, wide ? 8 : 4);
  const half = (value: number) => number(value, 2);
  const full = (value: number) => number(value, 4);

  const strings = Buffer.from(`${STRINGS.join('\0')}\0`);
  const dynamic = Buffer.concat([1, at('libneeded.so.1'), 14, at('libtiny.so.2'), 0x6ffffef5, 0, 0, 0].map(word));
  const need = [half(1), half(1), full(at('libneeded.so.1')), full(16), full(0)];
  const needs = Buffer.concat([...need, full(0x1234), half(0), half(2), full(at('VERSION_1')), full(0)]);
  const headerSize = wide ? 64 : 52;
  const contents = [Buffer.alloc(0), pad(strings), dynamic, needs];
  const offsets = contents.map((_, i) => headerSize + Buffer.concat(contents.slice(0, i)).length);
  const sectionSize = wide ? 64 : 40;
  const section = (i: number, type: number, entry: number, info: number) =>
    Buffer.concat([
      full(0),
      full(type),
      word(0),
      word(0),
      word(offsets[i] ?? 0),
      word(type === 3 ? strings.length : (contents[i]?.length ?? 0)),
      full(type === 3 ? 0 : 1),
      full(info),
      word(8),
      word(entry),
    ]);
  const sections = [
    Buffer.alloc(sectionSize),
    section(1, 3, 0, 0),
    section(2, 6, wide ? 16 : 8, 0),
    section(3, 0x6ffffffe, 0, 1),
  ];
  const identity = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    wide ? 2 : 1,
    order === 'little' ? 1 : 2,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const machine = given ?? (wide ? (order === 'little' ? 62 : 22) : order === 'little' ? 3 : 20);
  const sectionStart = headerSize + Buffer.concat(contents).length;
  const header = [half(3), half(machine), full(1), word(0), word(0), word(sectionStart), full(0), half(headerSize)];
  return Buffer.concat([
    identity,
    ...header,
    half(0),
    half(0),
    half(sectionSize),
    half(4),
    half(1),
    ...contents,
    ...sections,
  ]);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}
