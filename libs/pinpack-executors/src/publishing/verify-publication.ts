// Verifies the latest publication of a set as a reader gets it: signatures, age, and that it is not older than one seen before.
import { gunzipSync } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import type { PublicationRecord, Publications } from '@pinpack/publication';
import { parsePackages, parseRepomd, PUBLIC_KEY, verifyDetached, verifyText, type Repomd } from '@pinpack/rpm-repo';
import { Checks } from './checks.js';
import { LATEST, LATEST_LIMIT, parseStatement, type LatestStatement } from './latest-statement.js';
import { PROVENANCE } from './provenance-statement.js';
import { REPOMD } from './published-repomd.js';
import type { SeenPublication } from './seen-publication.js';

export interface VerifyRequest {
  publication: Publications;
  label: string;
  /** Armored; undefined: the key that was seen, or else that of the publication. */
  publicKey: string | undefined;
  seen: SeenPublication | undefined;
  now: Date;
}

export interface VerifiedPublication {
  checks: Checks;
  /** What to remember; undefined if a check failed. */
  seen: SeenPublication | undefined;
}

const LIMIT = 256 << 20;

export async function verifyPublication(request: VerifyRequest): Promise<VerifiedPublication> {
  const { publication, label, seen } = request;
  const checks = new Checks();
  const publicKey = await findKey(request, checks);
  const id = await publication.latest(label);
  const record = id === undefined ? undefined : await publication.readRecord(label, id);
  if (!checks.add(`mirrorlist names a complete publication${id === undefined ? '' : `, ${id}`}`, record !== undefined))
    return { checks, seen: undefined };
  const statement = await checkStatement(request, checks, publicKey, id ?? '');
  if (statement !== undefined) checkAge(checks, statement, request);
  await checkContent(request, checks, { id: id ?? '', publicKey, statement, record: record ?? { label, files: [] } });
  if (!checks.havePassed || statement === undefined) return { checks, seen: undefined };
  const { sequence } = statement;
  return {
    checks,
    seen: { label, publicKey, sequence: Math.max(sequence, seen?.sequence ?? 0), publication: id ?? '' },
  };
}

/** The key of the publication alone proves nothing to a reader who sees it for the first time. */
async function findKey({ publication, label, publicKey, seen }: VerifyRequest, checks: Checks): Promise<string> {
  if (publicKey !== undefined) {
    checks.add('the key is the given one', true);
    return publicKey;
  }
  const bytes = await publication.readChanging(label, PUBLIC_KEY, LATEST_LIMIT);
  const published = bytes && Buffer.from(bytes).toString();
  if (seen === undefined) {
    checks.add(
      `${PUBLIC_KEY} is there, and is trusted because none was seen before`,
      published === undefined ? 'the publication is not signed' : undefined,
    );
    return published ?? '';
  }
  checks.add(
    `${PUBLIC_KEY} is the key that was seen before`,
    published === undefined || published === seen.publicKey ? undefined : 'it is another one: find out who replaced it',
  );
  return seen.publicKey;
}

async function checkStatement(
  { publication, label }: VerifyRequest,
  checks: Checks,
  publicKey: string,
  id: string,
): Promise<LatestStatement | undefined> {
  const bytes = await publication.readChanging(label, LATEST, LATEST_LIMIT);
  const title = `${LATEST} has a signature of the key`;
  if (bytes === undefined) {
    checks.add(title, 'it does not exist: publish with a key');
    return undefined;
  }
  const { text, problem } = verifyText(publicKey, Buffer.from(bytes).toString());
  if (!checks.add(title, problem) || text === undefined) return undefined;
  const parsed = parseStatement(text);
  if ('problem' in parsed) {
    checks.add(`${LATEST} can be read`, parsed.problem);
    return undefined;
  }
  const { statement } = parsed;
  checks.add(`${LATEST} is of ${label}`, statement.label === label ? undefined : `it is of ${statement.label}`);
  checks.add(
    `${LATEST} names the publication of the mirrorlist`,
    statement.publication === id
      ? undefined
      : `it names ${statement.publication}: the mirrorlist was replaced, or a publisher is at work`,
  );
  return statement;
}

function checkAge(checks: Checks, { sequence, issued, expires }: LatestStatement, { seen, now }: VerifyRequest): void {
  checks.add(
    `it is good until ${expires}`,
    Date.parse(expires) > now.getTime()
      ? undefined
      : `it has expired: nobody has published since ${issued}, or a server gives an old publication`,
  );
  checks.add(
    `it is not older than the one seen before`,
    seen === undefined || sequence >= seen.sequence
      ? undefined
      : `its sequence is ${sequence}, and ${seen.sequence} with ${seen.publication} was seen before: a server gives an old publication`,
  );
}

interface Content {
  id: string;
  publicKey: string;
  statement: LatestStatement | undefined;
  record: PublicationRecord;
}

async function checkContent(
  { publication, label }: VerifyRequest,
  checks: Checks,
  { id, publicKey, statement, record }: Content,
): Promise<void> {
  const read = async (path: string) => (await publication.readFile(label, id, path, LIMIT)) ?? Buffer.of();
  const repomd = await read(REPOMD);
  const sha256 = sha256Of(repomd);
  if (statement !== undefined)
    checks.add(
      `${REPOMD} is the one that ${LATEST} names`,
      sha256 === statement.repomd ? undefined : `its sha256 is ${sha256}, expected ${statement.repomd}`,
    );
  for (const path of [REPOMD, PROVENANCE, ...sbomsOf(record)]) {
    const signature = Buffer.from(await read(`${path}.asc`)).toString();
    checks.add(`${path} has a signature of the key`, verifyDetached(publicKey, await read(path), signature).problem);
  }
  const parsed = parseSafely(repomd);
  if (!checks.add(`${REPOMD} can be read`, parsed === undefined ? 'it is not XML' : undefined) || parsed === undefined)
    return;
  if (statement?.revision !== undefined)
    checks.add(
      `its revision is ${statement.revision}`,
      parsed.revision === statement.revision ? undefined : `it is ${parsed.revision}`,
    );
  const problems = [...metadataProblems(parsed, record), ...(await packageProblems(parsed, record, read))];
  checks.add(
    `the metadata and the ${record.files.length} files of the publication agree`,
    problems.length === 0 ? undefined : problems.join('\n      '),
  );
}

/** None in publications of earlier versions of pinpack. */
function sbomsOf({ files }: PublicationRecord): string[] {
  return files.map(({ path }) => path).filter((path) => path.startsWith('sbom/') && !path.endsWith('.asc'));
}

function parseSafely(repomd: Uint8Array): Repomd | undefined {
  try {
    return parseRepomd(Buffer.from(repomd).toString());
  } catch {
    return undefined;
  }
}

function* metadataProblems({ files }: Repomd, record: PublicationRecord): Generator<string> {
  const digests = new Map(record.files.map(({ path, sha256 }) => [path, sha256]));
  for (const { file, sha256 } of files)
    if (digests.get(file) !== sha256)
      yield `${file} has sha256 ${digests.get(file) ?? 'none'}, expected ${sha256} as in ${REPOMD}`;
}

async function packageProblems(
  { files }: Repomd,
  record: PublicationRecord,
  read: (path: string) => Promise<Uint8Array>,
): Promise<string[]> {
  const primary = files.find(({ type }) => type === 'primary');
  if (primary === undefined) return ['primary is missing'];
  const bytes = await read(primary.file);
  if (sha256Of(bytes) !== primary.sha256)
    return [`${primary.file} has sha256 ${sha256Of(bytes)}, expected ${primary.sha256}`];
  const { packages } = parsePackages(gunzipSync(bytes).toString());
  const digests = new Map(record.files.map(({ path, sha256 }) => [path, sha256]));
  const wrong = packages.filter(({ file, sha256 }) => digests.get(file ?? '') !== sha256);
  const described = new Set(packages.map(({ file }) => file));
  const others = record.files.filter(({ path }) => path.startsWith('packages/') && !described.has(path));
  return [
    ...wrong.map(
      ({ file = 'a package', sha256 }) =>
        `${file} has sha256 ${digests.get(file) ?? 'none'}, expected ${sha256} as in the metadata`,
    ),
    ...others.map(({ path }) => `${path} is not in the metadata`),
  ];
}
