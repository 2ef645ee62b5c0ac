// Content types of published files. dnf and pip ignore them; browsers, caches and proxies do not.

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/\.(?:d?rpm)$/, 'application/x-rpm'],
  [/\.whl$/, 'application/zip'],
  [/\.gz$/, 'application/gzip'],
  [/\.xz$/, 'application/x-xz'],
  [/\.zst$/, 'application/zstd'],
  [/\.bz2$/, 'application/x-bzip2'],
  [/\.xml$/, 'application/xml'],
  [/\.asc$/, 'application/pgp-signature'],
  [/\/?RPM-GPG-KEY[^/]*$/, 'application/pgp-keys'],
  [/\.html$/, 'text/html; charset=utf-8'],
  [/\.json$/, 'application/json'],
  [/(?:\.metadata|\.repo|\.txt|(?:^|\/)mirrorlist)$/, 'text/plain; charset=utf-8'],
];

export function contentTypeOf(path: string): string {
  return TYPES.find(([pattern]) => pattern.test(path))?.[1] ?? 'application/octet-stream';
}
