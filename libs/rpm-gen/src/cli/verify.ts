// `rpm-gen verify`: digests and signatures, as `rpm -Kv`.
import { checkSignatures, type SignatureCheck } from '../check-signatures.js';
import { readPublicKeys } from '../public-key.js';
import { readPayload } from '../read-payload.js';
import { readAll, type Command } from './command.js';

export const verifyCommand: Command = {
  synopsis: '<rpm>… [--key <file>]…',
  about: 'digests, files and signatures',
  files: [1, Number.POSITIVE_INFINITY],
  options: { key: { type: 'string', multiple: true } },
  run: async (files, { key }) => {
    const keyFiles = Array.isArray(key) ? key.filter((one) => typeof one === 'string') : [];
    const keys = (await readAll(keyFiles)).flatMap(({ file, bytes }) => readPublicKeys(bytes, file));
    const json: { file: string; files: number; signatures: ReturnType<typeof describe>[] }[] = [];
    for (const { file, bytes } of await readAll(files)) {
      // Also compares digests and sizes of the payload.
      const entries = await readPayload(bytes, file);
      json.push({ file, files: entries.length, signatures: checkSignatures(bytes, keys, file).map(describe) });
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

function describe({ status, algorithm, hash, issuer, key }: SignatureCheck) {
  const by = key === undefined ? `key ${issuer}` : `${key.user}, key ${key.fingerprint}`;
  return { status, algorithm, hash, issuer, about: `${algorithm}/${hash}, ${by}` };
}
