// The date of an interpreter's RPM: that of the newest file in its archive.

/** `2025-06-11T15:36:57Z`; undefined if it is not between 1980 and 2100. */
export async function newestEntry(archive: string): Promise<string | undefined> {
  const { list } = await import('tar');
  let newest = 0;
  await list({
    file: archive,
    onReadEntry: ({ mtime }) => {
      newest = Math.max(newest, mtime?.getTime() ?? 0);
    },
  }).catch(() => undefined); // It is reported when the archive is unpacked.
  if (newest <= Date.UTC(1980) || newest >= Date.UTC(2100)) return undefined;
  return new Date(newest).toISOString().replace(/\.\d+Z$/, 'Z');
}
