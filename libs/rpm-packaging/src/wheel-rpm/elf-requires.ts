// What a wheel's shared objects need of the system: rpm's own sonames and symbol versions, less what the wheel brings itself.
import { basename } from 'node:path';
import { elfRequires, type Architecture } from '@pinpack/rpm-gen';

/** Gathers, file by file, what a wheel's ELF files require. */
export class ElfRequires {
  private readonly required = new Set<string>();
  private readonly bundled = new Set<string>();
  /** Of the files that are for other architectures. */
  private readonly others = new Set<string>();

  /** @param architecture - of the RPM. Files for others are data to it: pure wheels have libraries for several machines, and choose at run time. */
  constructor(private readonly architecture: Architecture) {}

  add(name: string, data: Uint8Array): void {
    const elf = elfRequires(data);
    if (elf === undefined) return;
    if (elf.architecture !== this.architecture) {
      this.others.add(elf.architecture ?? 'another architecture');
      return;
    }
    for (const requirement of elf.requires) this.required.add(requirement);
    this.bundled.add(elf.soname ?? basename(name));
    this.bundled.add(basename(name));
  }

  /** Sorted. `libgfortran-8f1e9814.so.5(GFORTRAN_8)(64bit)` is left out where the wheel bundles that library. */
  external(): string[] {
    return [...this.required].filter((requirement) => !this.bundled.has(requirement.replace(/\(.*$/, ''))).sort();
  }

  /** The architectures of the wheel's ELF files, if it has some and none of them is for the RPM's. */
  foreign(): string[] {
    return this.bundled.size > 0 ? [] : [...this.others].sort();
  }
}
