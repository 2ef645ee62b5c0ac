// Formats sizes.

/** `16.9 MB`, in powers of ten as download tools do. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  // Chooses the unit by the rounded number: 999,950 bytes would be 1000.0 kB.
  const shown = (exponent: number): string => (bytes / 1000 ** exponent).toFixed(1);
  const exponent = units.findIndex((_, index) => Number(shown(index + 1)) < 1000) + 1 || units.length;
  return `${shown(exponent)} ${units[exponent - 1] ?? ''}`;
}
