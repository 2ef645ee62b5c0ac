// Checks what the workspace uses over the network: the index and what it offers, the store and its rights, the publication, the signing key, the clock.
import { randomBytes } from 'node:crypto';
import { access, constants, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMissing } from '@pinpack/common/missing-file';
import { redactUrls } from '@pinpack/common/redact';
import { MemoryJournal, openStore } from '@pinpack/build-store';
import { IndexClient, readIndexConfiguration } from '@pinpack/python-dist';
import { withPublishTools } from '../repository/publish-tools.js';
import { limitsOf, type PluginOptions } from '../workspace/plugin-options.js';
import { storeEnvironment } from '../workspace/store-environment.js';
import { firstLine } from './check-machine.js';
import type { Finding } from './diagnosis.js';
import type { WorkspaceNeeds } from './workspace-needs.js';

export async function checkServices(root: string, options: PluginOptions, needs: WorkspaceNeeds): Promise<Finding[]> {
  const [index, clock, store, publication] = await Promise.all([
    checkIndex(root, options, needs),
    checkClock(root),
    checkStore(options),
    checkPublication(options),
  ]);
  return [...index, clock, store, ...publication];
}

async function checkIndex(root: string, options: PluginOptions, { sample }: WorkspaceNeeds): Promise<Finding[]> {
  const name = sample?.name ?? 'pip';
  try {
    const configuration = await readIndexConfiguration(root);
    const shown = configuration.indexes.map(({ url }) => redactUrls(url)).join(', ');
    const files = await IndexClient.of(configuration, { limits: limitsOf(options) }).files(name);
    if (files.length === 0)
      return [{ id: 'index', status: 'warn', text: `index ${shown}: reachable, but it has no ${name}` }];
    const has = (title: string, isThere: boolean, without: string): string =>
      isThere ? title : `no ${title} (${without})`;
    const offers = [
      has(
        'metadata files (PEP 658)',
        files.some(({ metadata }) => metadata !== undefined),
        'lock reads or downloads the wheels',
      ),
      has(
        'upload times (PEP 700)',
        files.some(({ uploadTime }) => uploadTime !== undefined),
        '--exclude-newer finds nothing',
      ),
      has(
        'digests',
        files.every(({ sha256 }) => sha256 !== undefined),
        'lock downloads the files',
      ),
    ];
    const status = offers.some((offer) => offer.startsWith('no ')) ? 'warn' : 'ok';
    return [{ id: 'index', status, text: `index ${shown}: ${offers.join(', ')}` }];
  } catch (error) {
    return [{ id: 'index', status: 'fail', text: `index: ${firstLine(error)}` }];
  }
}

const TOLERATED_MS = 5 * 60_000;

/** Against the index's clock: S3 refuses requests, and TLS certificates are invalid, if it is wrong. */
async function checkClock(root: string): Promise<Finding> {
  try {
    const [index] = (await readIndexConfiguration(root)).indexes.slice(-1);
    const { EnvHttpProxyAgent, fetch } = await import('undici');
    const dispatcher = new EnvHttpProxyAgent();
    const response = await fetch(index?.url ?? '', { method: 'HEAD', dispatcher, signal: AbortSignal.timeout(10_000) });
    await dispatcher.close();
    const theirs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(theirs))
      return { id: 'clock', status: 'warn', text: 'clock: the index tells no time to compare with' };
    const difference = Date.now() - theirs;
    const status = Math.abs(difference) > TOLERATED_MS ? 'fail' : 'ok';
    const seconds = Math.round(Math.abs(difference) / 1000);
    return { id: 'clock', status, text: `clock: ${seconds} s ${difference < 0 ? 'behind' : 'ahead of'} the index` };
  } catch (error) {
    return { id: 'clock', status: 'warn', text: `clock: not compared: ${firstLine(error)}` };
  }
}

/** Looks for an entry that does not exist: everything but a miss becomes a warning of the journal. */
async function checkStore(options: PluginOptions): Promise<Finding> {
  const warnings: string[] = [];
  const journal = new MemoryJournal({ onWarning: (message) => warnings.push(message) });
  try {
    const environment = storeEnvironment(options, process.env);
    const store = await openStore({
      url: options.store,
      publicKeys: options.publicKeys,
      environment,
      journal,
      isUploader: false,
    });
    if (store === undefined) return { id: 'store', status: 'ok', text: 'store: off (PINPACK_STORE_MODE)' };
    try {
      await (await store.get('wheel', randomBytes(32).toString('hex')))?.release();
      warnings.push(...(await folderProblems(process.env.PINPACK_STORE ?? options.store ?? '', store.canWrite)));
      const rights = store.canWrite ? 'read and write' : 'read';
      const who = `${rights}, as ${whose(store.label)}`;
      if (warnings.length > 0)
        return { id: 'store', status: 'warn', text: `store ${store.label}: ${warnings.join('; ')}` };
      return { id: 'store', status: 'ok', text: `store ${store.label}: ${who}` };
    } finally {
      await store.close();
    }
  } catch (error) {
    return { id: 'store', status: 'fail', text: `store: ${firstLine(error)}` };
  }
}

/** A store in a folder answers with misses, whatever is in its place. */
async function folderProblems(url: string, canWrite: boolean): Promise<string[]> {
  if (!url.startsWith('file:')) return [];
  const path = fileURLToPath(url);
  try {
    if (!(await stat(path)).isDirectory()) return ['it is not a folder'];
    await access(path, constants.R_OK | (canWrite ? constants.W_OK : 0));
    return [];
  } catch (error) {
    return [isMissing(error) ? 'the folder does not exist yet' : firstLine(error)];
  }
}

/** Names of identities only. */
function whose(label: string): string {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: key, AWS_ROLE_ARN: role, PINPACK_STORE_TOKEN: token } = process.env;
  if (label.startsWith('s3://'))
    return role ?? (key !== undefined ? 'AWS_ACCESS_KEY_ID' : `AWS profile ${profile ?? 'default'}`);
  if (label.startsWith('http')) return token === undefined ? 'nobody: without a token' : 'PINPACK_STORE_TOKEN';
  return `user ${userInfo().username}`;
}

async function checkPublication(options: PluginOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    await withPublishTools(options, process.env, async ({ publication, signer }) => {
      findings.push(
        signer === undefined
          ? {
              id: 'key',
              status: 'warn',
              text: 'signing key: none is configured, so RPMs and repositories are not signed',
            }
          : { id: 'key', status: 'ok', text: `signing key: ${signer.fingerprint}` },
      );
      if (publication === undefined) {
        findings.push({
          id: 'publication',
          status: 'warn',
          text: 'publication: none is configured ("publish" in nx.json)',
        });
        return;
      }
      await publication.latest('pinpack-doctor');
      findings.push({ id: 'publication', status: 'ok', text: `publication ${publication.location}: readable` });
    });
  } catch (error) {
    findings.push({ id: 'publication', status: 'fail', text: `publication or signing key: ${firstLine(error)}` });
  }
  return findings;
}
