// Writes the signed statement of the latest publication.
import { publishedBytes, type Publications } from '@pinpack/publication';
import { sha256Of } from '@pinpack/common/digest';
import { verifyText, type Signer } from '@pinpack/rpm-repo';
import { formatStatement, LATEST, LATEST_LIMIT, parseStatement, planStatement } from './latest-statement.js';
import { REPOMD, readRevision } from './published-repomd.js';

export interface LatestRequest {
  label: string;
  signer: Signer;
  validDays: number;
}

const TURNS = 5;

/** Writes again if another publisher switched in the meantime, so that the statement is of the publication that stays the latest. */
export async function writeLatest(publication: Publications, request: LatestRequest): Promise<void> {
  const { label } = request;
  for (let turn = 0; turn < TURNS; turn++) {
    const id = await publication.latest(label);
    if (id === undefined) return;
    await publication.write(label, [publishedBytes(LATEST, await makeStatement(publication, request, id))]);
    if ((await publication.latest(label)) === id) return;
  }
}

async function makeStatement(
  publication: Publications,
  { label, signer, validDays }: LatestRequest,
  id: string,
): Promise<string> {
  const repomd = (await publication.readFile(label, id, REPOMD, LATEST_LIMIT)) ?? Buffer.of();
  const before = await publication.readChanging(label, LATEST, LATEST_LIMIT);
  const { text } = before === undefined ? {} : verifyText(signer.publicKey, Buffer.from(before).toString());
  const previous = text === undefined ? undefined : parseStatement(text);
  const revision = readRevision(repomd);
  const now = new Date();
  const statement = planStatement({
    ...{ label, publication: id, repomd: sha256Of(repomd), validDays, now },
    ...(revision !== undefined && { revision }),
    previous: previous !== undefined && 'statement' in previous ? previous.statement : undefined,
  });
  return signer.signText(formatStatement(statement), Math.floor(now.getTime() / 1000));
}
