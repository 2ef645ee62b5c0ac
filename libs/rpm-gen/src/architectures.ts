/** Architectures that packages can be for, as rpm's rpmrc and platform files have them. */
interface ArchitectureFacts {
  /** In the lead; only `file` reads it. */
  number: number;
  /** In a package's own provide, `name(x86-64)`. */
  isa?: string;
  /** Of its ELF files: `e_machine`, and bits and byte order of `e_ident`. */
  elf?: { machine: number; bits: 32 | 64; order: 'little' | 'big' };
}

export const ARCHITECTURES = {
  noarch: { number: 255 },
  x86_64: { number: 1, isa: 'x86-64', elf: { machine: 62, bits: 64, order: 'little' } },
  aarch64: { number: 19, isa: 'aarch-64', elf: { machine: 183, bits: 64, order: 'little' } },
  i686: { number: 1, isa: 'x86-32', elf: { machine: 3, bits: 32, order: 'little' } },
  armv7hl: { number: 12, isa: 'armv7hl-32', elf: { machine: 40, bits: 32, order: 'little' } },
  ppc64le: { number: 16, isa: 'ppc-64', elf: { machine: 21, bits: 64, order: 'little' } },
  s390x: { number: 15, isa: 's390-64', elf: { machine: 22, bits: 64, order: 'big' } },
  riscv64: { number: 22, isa: 'riscv-64', elf: { machine: 243, bits: 64, order: 'little' } },
} as const satisfies Record<string, ArchitectureFacts>;

export type Architecture = keyof typeof ARCHITECTURES;

/** The architecture whose packages an ELF file of a machine belongs into. */
export function architectureOfElf(machine: number, bits: 32 | 64, order: 'little' | 'big'): Architecture | undefined {
  const names = Object.keys(ARCHITECTURES) as Architecture[];
  return names.find((name) => {
    const { elf } = factsOf(name);
    return elf?.machine === machine && elf.bits === bits && elf.order === order;
  });
}

export function factsOf(architecture: Architecture): ArchitectureFacts {
  return ARCHITECTURES[architecture];
}
