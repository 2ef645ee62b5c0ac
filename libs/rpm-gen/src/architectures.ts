/** Architectures that packages can be for, as rpm's rpmrc and platform files have them. */
interface ArchitectureFacts {
  /** In the lead; only `file` reads it. */
  number: number;
  /** In a package's own provide, `name(x86-64)`. */
  isa?: string;
}

export const ARCHITECTURES = {
  noarch: { number: 255 },
  x86_64: { number: 1, isa: 'x86-64' },
  aarch64: { number: 19, isa: 'aarch-64' },
  i686: { number: 1, isa: 'x86-32' },
  armv7hl: { number: 12, isa: 'armv7hl-32' },
  ppc64le: { number: 16, isa: 'ppc-64' },
  s390x: { number: 15, isa: 's390-64' },
  riscv64: { number: 22, isa: 'riscv-64' },
} as const satisfies Record<string, ArchitectureFacts>;

export type Architecture = keyof typeof ARCHITECTURES;

export function factsOf(architecture: Architecture): ArchitectureFacts {
  return ARCHITECTURES[architecture];
}
