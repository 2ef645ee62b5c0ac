// `rpm-gen inspect`: the fields that `rpm -qip` prints, and the relations.
import { checkHeaderSignatures } from '../check-signatures.js';
import { fileSignaturesOf } from '../file-signatures.js';
import type { OpenRpm } from '../read-rpm-file.js';
import { translationsOf } from '../translations.js';
import { formatTime, withRpm, type Command } from './command.js';
import { RELATION_KINDS, relationsOf } from './relations-of.js';

export const inspectCommand: Command = {
  synopsis: '<rpm>…',
  about: 'fields and relations',
  files: [1, Number.POSITIVE_INFINITY],
  run: async (files) => {
    const packages = await Promise.all(files.map((file) => withRpm(file, (rpm) => describe(rpm, file))));
    return { text: packages.map(format).join('\n\n'), json: packages };
  },
};

type Description = ReturnType<typeof describe>;

function describe({ read, head }: OpenRpm, file: string) {
  const { header } = read;
  return {
    file,
    format: header.RPMFORMAT?.[0] ?? 4,
    isSource: header.SOURCEPACKAGE !== undefined,
    name: header.NAME,
    epoch: header.EPOCH?.[0],
    version: header.VERSION,
    release: header.RELEASE,
    architecture: header.ARCH,
    group: header.GROUP,
    size: (header.LONGSIZE ?? header.SIZE)?.[0],
    license: header.LICENSE,
    signatures: checkHeaderSignatures(read, head, []).map(({ algorithm, hash, issuer, created }) => ({
      algorithm,
      hash,
      issuer,
      created: formatTime(created),
    })),
    translations: Object.keys(translationsOf(read, head, file)),
    imaSignatures: fileSignaturesOf(read, file).length,
    sourceRpm: header.SOURCERPM,
    buildTime: formatTime(header.BUILDTIME?.[0]),
    buildHost: header.BUILDHOST,
    packager: header.PACKAGER,
    vendor: header.VENDOR,
    url: header.URL,
    summary: header.SUMMARY,
    description: header.DESCRIPTION,
    payload: `${header.PAYLOADCOMPRESSOR ?? 'none'} ${header.PAYLOADFLAGS ?? ''}`.trim(),
    ...relationsOf(header),
  };
}

function format(one: Description): string {
  const signatures = one.signatures.map(({ algorithm, hash, created, issuer }) =>
    [`${algorithm}/${hash}`, created, `key ${issuer === '' ? 'unnamed' : issuer}`].join(', '),
  );
  const fields: [string, string | number | undefined][] = [
    ['Name', one.name],
    ['Epoch', one.epoch],
    ['Version', one.version],
    ['Release', one.release],
    ['Architecture', one.isSource ? `${one.architecture ?? ''} (source package)` : one.architecture],
    ['RPM format', one.format],
    ['Group', one.group],
    ['Size', one.size],
    ['License', one.license],
    ['Signature', signatures.length === 0 ? '(none)' : signatures.join('; ')],
    ['IMA', one.imaSignatures === 0 ? undefined : `signatures of ${one.imaSignatures} files`],
    ['Languages', one.translations.length === 0 ? undefined : one.translations.join(', ')],
    ['Source RPM', one.sourceRpm],
    ['Build Date', one.buildTime],
    ['Build Host', one.buildHost],
    ['Packager', one.packager],
    ['Vendor', one.vendor],
    ['URL', one.url],
    ['Payload', one.payload],
    ['Summary', one.summary],
  ];
  const lines = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(12)}: ${value}`]));
  const relations = RELATION_KINDS.flatMap((kind) =>
    one[kind].length === 0
      ? []
      : [`${kind.charAt(0).toUpperCase()}${kind.slice(1)}:`, ...one[kind].map((name) => `    ${name}`)],
  );
  return [...lines, 'Description :', one.description ?? '', ...relations].join('\n');
}
