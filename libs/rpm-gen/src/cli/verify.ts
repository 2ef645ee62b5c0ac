// `rpm-gen verify`: digests and signatures, as `rpm -Kv`.
import { requireDigests } from '../check-payload.js';
import { checkHeaderSignatures, isSigned, type SignatureCheck } from '../check-signatures.js';
import { readPublicKeys } from '../public-key.js';
import type { OpenRpm } from '../read-rpm-file.js';
import { readAll, withRpm, type Command } from './command.js';

export const verifyCommand: Command = {
  synopsis: '<rpm>… [--key <file>]…',
  about: 'digests, files and signatures',
  files: [1, Number.POSITIVE_INFINITY],
  options: { key: { type: 'string', multiple: true } },
  run: async (files, { key }) => {
    const keyFiles = Array.isArray(key) ? key.filter((one) => typeof one === 'string') : [];
    const keys = (await readAll(keyFiles)).flatMap(({ file, bytes }) => readPublicKeys(bytes, file));
    const json: { file: string; files: number; signatures: ReturnType<typeof describe>[] }[] = [];
    for (const file of files) {
      json.push(
        await withRpm(file, async (rpm) => {
          if (isSigned(rpm.read)) requireDigests(rpm.read.header, file);
          const signatures = checkHeaderSignatures(rpm.read, rpm.head, keys).map(describe);
          return { file, files: await countFiles(rpm), signatures };
        }),
      );
    }
    const isGood = ({ signatures }: (typeof json)[number]) =>
      keys.length === 0 || (signatures.length > 0 && signatures.every(({ status }) => status === 'good'));
    const lines = json.map((one) => {
      const signatures = one.signatures.map((found) => `signature ${found.status} (${found.about})`);
      return [`${one.file}: digests OK`, ...(signatures.length === 0 ? ['not signed'] : signatures)].join(', ');
    });
    return { text: lines.join('\n'), json, success: json.every(isGood) };
  },
};

/** Also compares digests and sizes of the payload. */
async function countFiles(rpm: OpenRpm): Promise<number> {
  const files = rpm.files();
  let count = 0;
  while ((await files.next()).done !== true) count++;
  return count;
}

function describe({ status, algorithm, hash, issuer, key }: SignatureCheck) {
  const by = key === undefined ? `key ${issuer}` : `${key.user}, key ${key.fingerprint}`;
  return { status, algorithm, hash, issuer, about: `${algorithm}/${hash}, ${by}` };
}
