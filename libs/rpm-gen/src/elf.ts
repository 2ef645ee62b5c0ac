/**
 * Reads the dependencies of a shared object or an executable, as rpm's generator formats them: `soname(version)(64bit)`. Follows the ELF specification (System V ABI,
 * chapters "Object files" and "Dynamic linking", and the LSB's "Symbol versioning") and agrees with rpm's own `elfdeps`.
 *
 *     structure       32-bit                                 64-bit
 *     file header     type 16/2, shoff 32/4, shentsize 46/2  type 16/2, shoff 40/8, shentsize 58/2
 *     section header  type 4/4, offset 16/4, size 20/4,      type 4/4, offset 24/8, size 32/8,
 *                     link 24/4                              link 40/4
 *     dynamic entry   tag 0/4, value 4/4                     tag 0/8, value 8/8
 *     version need    count 2/2, file 4/4, aux 8/4, next 12/4; aux: name 8/4, next 12/4
 *     version def.    flags 2/2, count 6/2, aux 12/4, next 16/4; aux: name 0/4, next 4/4
 */
import type { Architecture } from './architectures.js';
import { openElf, type ElfFile, type Section } from './elf-file.js';

export interface ElfDependencies {
  /** That it runs on; absent if it is none that packages can be for. */
  architecture?: Architecture;
  /** Sorted, each once. */
  requires: string[];
  soname?: string;
  /** What rpm would let it provide; sorted, each once. To find what a package bundles, compare sonames: a renamed library's versions keep its old name here. */
  provides?: string[];
}

const SECTION = { dynamic: 6, versionDefinition: 0x6ffffffd, versionNeed: 0x6ffffffe } as const;
const DYNAMIC = { end: 0, needed: 1, hash: 4, soname: 14, rpath: 15, runpath: 29, gnuHash: 0x6ffffef5 } as const;
/** The definition that is the file's own name. */
const BASE_DEFINITION = 1;
const LIBRARY_PREFIXES = ['lib', 'ld.', 'ld-', 'ld6'];

/** The entries of a file's dynamic section that tell the loader where its libraries are, as written. */
export interface ElfLinks extends Pick<ElfDependencies, 'architecture'> {
  /** DT_NEEDED */
  needed: string[];
  /** DT_RPATH and DT_RUNPATH: `$ORIGIN/../lib` */
  runPaths: string[];
}

/** Undefined for the same data as `elfRequires`. */
export function elfLinks(data: Uint8Array): ElfLinks | undefined {
  return readElf(data, (elf) => {
    const { texts } = dynamicOf(elf);
    const runPaths = [...texts(DYNAMIC.rpath), ...texts(DYNAMIC.runpath)].flatMap((paths) => paths.split(':'));
    return { ...architectureOf(elf), needed: texts(DYNAMIC.needed), runPaths };
  });
}

/** Undefined when the data is no ELF file, none that is loaded (an object file, a core), or too damaged to be loaded. */
export function elfRequires(data: Uint8Array): ElfDependencies | undefined {
  return readElf(data, dependenciesOf);
}

function readElf<Facts>(data: Uint8Array, read: (elf: ElfFile) => Facts): Facts | undefined {
  const elf = openElf(data);
  if (elf === undefined) return undefined;
  try {
    return read(elf);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function dynamicOf(elf: ElfFile): { has: (tag: number) => boolean; texts: (tag: number) => string[] } {
  const entries = elf.sections
    .filter((section) => section.type === SECTION.dynamic)
    .flatMap((section) => [...dynamicEntries(elf, section)]);
  return {
    has: (tag) => entries.some((entry) => entry.tag === tag),
    texts: (tag) => entries.filter((entry) => entry.tag === tag).map((entry) => elf.text(entry.section, entry.value)),
  };
}

function architectureOf({ architecture }: ElfFile): Pick<ElfDependencies, 'architecture'> {
  return architecture === undefined ? {} : { architecture };
}

function dependenciesOf(elf: ElfFile): ElfDependencies {
  const { has, texts } = dynamicOf(elf);
  const requires = [
    ...texts(DYNAMIC.needed).flatMap((soname) => format(elf, soname, '')),
    ...versionNeeds(elf),
    ...(has(DYNAMIC.gnuHash) && !has(DYNAMIC.hash) ? ['rtld(GNU_HASH)'] : []),
  ];
  const soname = texts(DYNAMIC.soname)[0];
  const built = architectureOf(elf);
  if (soname === undefined) return { ...built, requires: sortUnique(requires) };
  return {
    ...built,
    requires: sortUnique(requires),
    soname,
    provides: sortUnique([...format(elf, soname, ''), ...versionDefinitions(elf)]),
  };
}

function* dynamicEntries(elf: ElfFile, section: Section) {
  const size = elf.is64 ? 16 : 8;
  for (let at = section.offset; at + size <= section.offset + section.size; at += size) {
    const tag = elf.word(at);
    if (tag === DYNAMIC.end) return;
    yield { section, tag, value: elf.word(at + size / 2) };
  }
}

function versionNeeds(elf: ElfFile): string[] {
  const needs = elf.sections.filter((section) => section.type === SECTION.versionNeed);
  return needs.flatMap((section) =>
    chain(elf, section.offset, section, 12).flatMap((need) => {
      const soname = elf.text(section, elf.uint32(need + 4));
      const versions = chain(elf, need + elf.uint32(need + 8), section, 12);
      return versions.flatMap((version) => format(elf, soname, elf.text(section, elf.uint32(version + 8))));
    }),
  );
}

/** rpm names them after the base definition, which keeps the library's first name when auditwheel renames it. */
function versionDefinitions(elf: ElfFile): string[] {
  const sections = elf.sections.filter((section) => section.type === SECTION.versionDefinition);
  return sections.flatMap((section) => {
    const definitions = chain(elf, section.offset, section, 16).map((at) => ({
      isBase: (elf.uint16(at + 2) & BASE_DEFINITION) !== 0,
      name: elf.text(section, elf.uint32(at + elf.uint32(at + 12))),
    }));
    const base = definitions.find((definition) => definition.isBase)?.name ?? '';
    return definitions.flatMap(({ isBase, name }) => (isBase ? [] : format(elf, base, name)));
  });
}

/** Offsets of records that each hold the distance to the next; 0 ends it. Distances are unsigned, so it cannot run in circles. */
function chain(elf: ElfFile, first: number, section: Section, nextField: number): number[] {
  const offsets: number[] = [];
  let at = first;
  for (;;) {
    if (at >= section.offset + section.size) return offsets;
    offsets.push(at);
    const distance = elf.uint32(at + nextField);
    if (distance === 0) return offsets;
    at += distance;
  }
}

/** None for a name that rpm takes for no library's: a plugin's, say. */
function format(elf: ElfFile, soname: string, version: string): string[] {
  if (!soname.includes('.so') || !LIBRARY_PREFIXES.some((prefix) => soname.startsWith(prefix))) return [];
  if (elf.marker === '' && version === '') return [soname];
  return [`${soname}(${version})${elf.marker}`];
}

function sortUnique(items: string[]): string[] {
  return [...new Set(items)].sort();
}
