/** The container part of an ELF file: byte order, word size, sections and their strings. Offsets are in the table of `elf.ts`. */
import { architectureOfElf, type Architecture } from './architectures.js';

export interface Section {
  type: number;
  offset: number;
  size: number;
  /** Index of the section that holds its strings. */
  link: number;
}

export interface ElfFile {
  is64: boolean;
  /** Undefined for one that has no packages here. */
  architecture: Architecture | undefined;
  /** What rpm appends to a name: `(64bit)` or nothing. */
  marker: string;
  sections: Section[];
  uint16(at: number): number;
  uint32(at: number): number;
  /** An integer of the file's word size. */
  word(at: number): number;
  /** A string of the section that `section` is linked to. */
  text(section: Section, at: number): string;
}

const EXECUTABLE = 2;
const SHARED_OBJECT = 3;
const ALPHA_MACHINES = [41, 0x9026];

/** Undefined when the data is no ELF executable or shared object, or ends before its section headers do. */
export function openElf(data: Uint8Array): ElfFile | undefined {
  const isElf = data.length >= 52 && data[0] === 0x7f && data[1] === 0x45 && data[2] === 0x4c && data[3] === 0x46;
  if (!isElf) return undefined;
  try {
    const reader = new ElfReader(data);
    return reader.isLoadable ? reader : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class ElfReader implements ElfFile {
  readonly is64: boolean;
  readonly architecture: Architecture | undefined;
  readonly marker: string;
  readonly isLoadable: boolean;
  readonly sections: Section[];
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(readonly data: Uint8Array) {
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.is64 = data[4] === 2;
    this.#littleEndian = data[5] !== 2;
    const type = this.uint16(16);
    this.architecture = architectureOfElf(this.uint16(18), this.is64 ? 64 : 32, this.#littleEndian ? 'little' : 'big');
    this.isLoadable = type === EXECUTABLE || type === SHARED_OBJECT;
    // rpm marks no 64-bit Alpha: it never had 32-bit libraries.
    this.marker = this.is64 && !ALPHA_MACHINES.includes(this.uint16(18)) ? '(64bit)' : '';
    this.sections = this.isLoadable ? this.#readSections() : [];
  }

  uint16(at: number): number {
    return this.#view.getUint16(at, this.#littleEndian);
  }

  uint32(at: number): number {
    return this.#view.getUint32(at, this.#littleEndian);
  }

  word(at: number): number {
    return this.is64 ? Number(this.#view.getBigUint64(at, this.#littleEndian)) : this.uint32(at);
  }

  text(section: Section, at: number): string {
    const strings = this.sections[section.link];
    const start = (strings?.offset ?? Infinity) + at;
    const end = this.data.indexOf(0, start);
    if (strings === undefined || at >= strings.size || end < 0) throw new RangeError(`no string at ${at}`);
    return Buffer.from(this.data.subarray(start, end)).toString('utf8');
  }

  #readSections(): Section[] {
    const [start, size] = this.is64 ? [this.word(40), this.uint16(58)] : [this.word(32), this.uint16(46)];
    if (start === 0) return [];
    const first = this.#readSection(start);
    // Past 65,279 sections their number is the size of the first.
    const count = this.uint16(this.is64 ? 60 : 48) || first.size;
    if (start + count * size > this.data.length) throw new RangeError('section headers past the end');
    return Array.from({ length: count }, (_, i) => this.#readSection(start + i * size));
  }

  #readSection(at: number): Section {
    const type = this.uint32(at + 4);
    if (this.is64) return { type, offset: this.word(at + 24), size: this.word(at + 32), link: this.uint32(at + 40) };
    return { type, offset: this.word(at + 16), size: this.word(at + 20), link: this.uint32(at + 24) };
  }
}
