// Traces an RPM back to the lock: RPM, publication, provenance, pin, digest of the index. Each step is a check.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import type { PublicationFile, Publications } from '@pinpack/publication';
import { inspectPackageFile, parseCertificateFingerprints, verifyDetached } from '@pinpack/rpm-repo';
import type { Lock, LockedPackage } from '@pinpack/python-dist';
import { Checks } from './checks.js';
import { parseProvenance, PROVENANCE, type ProvenanceStatement } from './provenance-statement.js';

export interface TraceRequest {
  publication: Publications;
  label: string;
  /** Path of the RPM. */
  rpm: string;
  /** Armored. */
  publicKey: string;
  lock: Lock;
  /** The lock's file in the workspace. */
  lockFile: string;
}

const LIMIT = 64 << 20;

/** @throws RpmError `RPM_DAMAGED` */
export async function traceRpm(request: TraceRequest): Promise<Checks> {
  const checks = new Checks();
  const { name, evr, sha256 } = await checkRpm(request, checks);
  const found = await findPublication(request, sha256);
  const where = found === undefined ? '' : ` ${found.id}, as ${found.file.path}`;
  if (
    !checks.add(
      `publication: contains the RPM${where}`,
      found === undefined ? `none of ${request.publication.location} has a file with sha256 ${sha256}` : undefined,
    ) ||
    found === undefined
  )
    return checks;
  const statement = await checkProvenance(request, checks, found.id);
  const subject = statement?.subject.find(({ digest }) => digest.sha256 === sha256);
  if (
    statement === undefined ||
    !checks.add(`provenance: ${PROVENANCE} has the RPM as a subject`, subject === undefined ? 'it has not' : undefined)
  )
    return checks;
  const { rpm, evr: stated, pin, version } = subject?.annotations ?? {};
  checks.add(
    `provenance: it calls the RPM ${rpm ?? 'nothing'} ${stated ?? ''}`,
    rpm === name && stated === evr ? undefined : `the RPM is ${name} ${evr}`,
  );
  const lockDigest = sha256Of(await readFile(request.lockFile));
  const isSameLock = statement.predicate.buildDefinition.resolvedDependencies.some(
    (each) => each.name === 'lock' && each.digest?.sha256 === lockDigest,
  );
  checks.add(
    'lock: the file of the workspace is the one of the provenance',
    isSameLock ? undefined : `its sha256 is ${lockDigest}. Check out the commit that was published`,
  );
  if (pin === undefined || version === undefined) {
    checks.add(
      `lock: ${name} is no wheel RPM: its content is that of pinpack or of the application in the workspace`,
      true,
    );
    return checks;
  }
  await checkPin(request, checks, { statement, pin, version, id: found.id });
  return checks;
}

async function checkRpm(
  { rpm, publicKey }: TraceRequest,
  checks: Checks,
): Promise<{ name: string; evr: string; sha256: string }> {
  const signers = parseCertificateFingerprints(publicKey);
  const attempts = await Promise.all(
    signers.map((fingerprint) => inspectPackageFile(rpm, { name: '', signedBy: { fingerprint, publicKey } })),
  );
  const { facts } = attempts[0] ?? (await inspectPackageFile(rpm, { name: '', signedBy: undefined }));
  const { name, evr, architecture, sha256 } = facts;
  // The name is in the title, and every attempt reports it as a problem.
  const signatures = attempts.map(({ problems }) => problems.filter((problem) => !problem.startsWith('its name is')));
  const isSigned = signatures.some((problems) => problems.length === 0);
  checks.add(
    `RPM: ${basename(rpm)} is ${name}-${evr}.${architecture} with sha256 ${sha256}; header and payload match their digests`,
    true,
  );
  checks.add(
    'RPM: has a signature of the key',
    isSigned ? undefined : signatures.flat().join('; ') || 'the publication has no key',
  );
  return { name, evr, sha256 };
}

async function findPublication(
  { publication, label }: TraceRequest,
  sha256: string,
): Promise<{ id: string; file: PublicationFile } | undefined> {
  const all = await publication.list(label);
  // The latest first, then the newest.
  for (const { id } of [...all].sort((one, other) => Number(other.isLatest) - Number(one.isLatest))) {
    const file = (await publication.readRecord(label, id))?.files.find((each) => each.sha256 === sha256);
    if (file !== undefined) return { id, file };
  }
  return undefined;
}

async function checkProvenance(
  { publication, label, publicKey }: TraceRequest,
  checks: Checks,
  id: string,
): Promise<ProvenanceStatement | undefined> {
  const [text, signature] = await Promise.all(
    [PROVENANCE, `${PROVENANCE}.asc`].map(async (path) =>
      Buffer.from((await publication.readFile(label, id, path, LIMIT)) ?? Buffer.of()),
    ),
  );
  checks.add(
    `provenance: ${PROVENANCE} has a signature of the key`,
    verifyDetached(publicKey, text ?? Buffer.of(), signature?.toString() ?? '').problem,
  );
  const parsed = parseProvenance(text?.toString() ?? '');
  const isStatement = checks.add(
    `provenance: ${PROVENANCE} is an in-toto statement with SLSA provenance`,
    'problem' in parsed ? parsed.problem : undefined,
  );
  if (!isStatement || 'problem' in parsed) return undefined;
  const { builder } = parsed.statement.predicate.runDetails;
  checks.add(
    `provenance: built by ${builder.id} with pinpack ${builder.version.pinpack ?? 'of an unknown version'}`,
    true,
  );
  return parsed.statement;
}

interface Pinned {
  statement: ProvenanceStatement;
  pin: string;
  version: string;
  id: string;
}

async function checkPin(
  { publication, label, lock }: TraceRequest,
  checks: Checks,
  { statement, pin, version, id }: Pinned,
): Promise<void> {
  const locked = lock.packages.find((each) => each.name === pin);
  const title = `lock: pins ${pin} ${version}`;
  if (
    !checks.add(
      title,
      locked?.version === version
        ? undefined
        : locked === undefined
          ? 'it has no such pin'
          : `it has ${locked.version}`,
    ) ||
    locked === undefined
  )
    return;
  const expected = distributionOf(locked);
  if (expected === undefined) {
    checks.add(`index: ${pin} is built from the workspace, so no index has a digest of it`, true);
    return;
  }
  const dependency = statement.predicate.buildDefinition.resolvedDependencies.find(
    ({ annotations }) => annotations?.pin === pin,
  );
  const stated = dependency?.digest?.sha256;
  checks.add(
    `index: ${expected.name} with sha256 ${expected.sha256}, in the lock and in the provenance`,
    stated === expected.sha256 ? undefined : `the provenance has ${stated ?? 'none'}`,
  );
  if (!('wheel' in locked.source)) return;
  const published = (await publication.readRecord(label, id))?.files.find(
    ({ path }) => path === `wheels/${expected.name}`,
  );
  checks.add(
    `index: the wheel in the publication has it too`,
    published?.sha256 === expected.sha256 ? undefined : `it has ${published?.sha256 ?? 'no such wheel'}`,
  );
}

function distributionOf({ source }: LockedPackage): { name: string; sha256: string } | undefined {
  if ('wheel' in source) return source.wheel;
  return source.kind === 'sdist' ? source.sdist : undefined;
}
