// What a wheel's shared objects need of the system: rpm's own sonames and symbol versions, less what the wheel brings itself.
import { basename } from 'node:path';
import { elfRequires } from '@pinpack/rpm-gen';

/** Gathers, file by file, what a wheel's ELF files require. */
export class ElfRequires {
  private readonly required = new Set<string>();
  private readonly bundled = new Set<string>();

  add(name: string, data: Uint8Array): void {
    const elf = elfRequires(data);
    if (elf === undefined) return;
    for (const requirement of elf.requires) this.required.add(requirement);
    this.bundled.add(elf.soname ?? basename(name));
    this.bundled.add(basename(name));
  }

  /** Sorted. `libgfortran-8f1e9814.so.5(GFORTRAN_8)(64bit)` is left out where the wheel bundles that library. */
  external(): string[] {
    return [...this.required].filter((requirement) => !this.bundled.has(requirement.replace(/\(.*$/, ''))).sort();
  }
}
