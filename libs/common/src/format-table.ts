// Formats tables for terminals. The first column is left-aligned; columns of numbers are right-aligned.

/** The lines of a table. @param head - undefined: no heading */
export function formatTable(head: readonly string[] | undefined, rows: readonly (readonly string[])[]): string[] {
  const all = head === undefined ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isRight = widths.map((_, column) => column > 0 && rows.every((row) => /^(?:\d|$|-$)/.test(row[column] ?? '')));
  return all.map((row) =>
    row
      .map((cell, column) =>
        isRight[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
