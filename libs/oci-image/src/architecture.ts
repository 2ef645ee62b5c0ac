// The names of architectures in images, which are those of Go.

const NAMES: Readonly<Record<string, string>> = {
  ...{ x86_64: 'amd64', aarch64: 'arm64', x64: 'amd64' },
  // Node has one name for both byte orders, and runs on the little one alone.
  ppc64: 'ppc64le',
};

/** @param machine - as rpm or Node names it; by default this machine */
export function architectureName(machine: string = process.arch): string {
  return NAMES[machine] ?? machine;
}
