// `nx g pinpack:ci --provider github`: creates a pipeline that builds on several machines, and the files that set up its store.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  generateFiles,
  logger,
  OverwriteStrategy,
  readNxJson,
  updateNxJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { refuseUnknownOptions } from '../../tasks/known-options.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { withPlugin } from '../init/plan-files.js';
import { planCi, type Access, type CiOptions, type CiPlan } from './plan-ci.js';

// tsc does not copy the templates, so the compiled generator reads them from `src` too.
const TEMPLATES = fileURLToPath(new URL('../../../src/generators/ci/files', import.meta.url));

/** Files of a run in the workspace. */
const IGNORED = ['/.cache/', '/pinpack-plan.json', '/pinpack-summary.md', '/relock.patch'];
const SCRIPTS = /^ci\/.*\.sh$/;

/** @throws PinpackError `PINPACK_CI_INVALID`, `PINPACK_OPTIONS_INVALID`; StoreError `STORE_LOCATION_INVALID` */
export default function ci(tree: Tree, options: CiOptions): GeneratorCallback {
  refuseUnknownOptions('ci', options);
  const nxJson = readNxJson(tree) ?? {};
  const plan = planCi(options, {
    store: pluginOptions(nxJson).store,
    branch: nxJson.defaultBase,
    remote: remoteOf(tree.read('.git/config', 'utf-8') ?? ''),
    version: ownVersion(),
  });
  for (const folder of ['common', plan.provider, plan.access]) generate(tree, folder, plan);
  // Others may have written them.
  const hasRenovate = [
    'renovate.json5',
    '.github/renovate.json',
    '.github/renovate.json5',
    '.renovaterc',
    '.renovaterc.json',
  ];
  if (!hasRenovate.some((file) => tree.exists(file))) generate(tree, 'keep', plan, OverwriteStrategy.KeepExisting);
  if (plan.provider === 'gitlab') generate(tree, 'keep-gitlab', plan, OverwriteStrategy.KeepExisting);
  for (const { path } of tree.listChanges()) if (SCRIPTS.test(path)) tree.changePermissions(path, '755');
  if (options.store !== undefined) updateNxJson(tree, withPlugin(nxJson, options.store));
  ignore(tree);
  return () => {
    logger.info(nextSteps(plan));
  };
}

function generate(tree: Tree, folder: string, plan: CiPlan, overwriteStrategy = OverwriteStrategy.Overwrite): void {
  const inContainer = (proxies: string, indent: number): string => {
    const text = tree.read('ci/store/pinpack-store.json', 'utf-8') ?? '';
    return indented(forContainer(text, proxies), indent);
  };
  const values = { ...plan, ...fragmentsOf(plan), template: '', dot: '.', inContainer };
  // The manifests of containers include the configuration.
  const folders = folder === 'server' ? ['server-configuration', folder] : [folder];
  for (const name of folders) generateFiles(tree, `${TEMPLATES}/${name}`, '.', values, { overwriteStrategy });
}

/** The configuration of a server that listens on all addresses, behind proxies of a network. */
function forContainer(configuration: string, proxies: string): string {
  return configuration
    .replace('"listen": { "host": "127.0.0.1"', '"listen": { "host": "0.0.0.0"')
    .replace(/"trustedProxies": \[[^\]]*\]/, `"trustedProxies": ["${proxies}"]`);
}

function indented(text: string, width: number): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(width)}${line}`)
    .join('\n');
}

/** Parts of GitHub's workflow that depend on the access to the store. */
function fragmentsOf({ access, name }: CiPlan): Record<'environment' | 'inputs' | 'publishInputs', string> {
  const keys = ['key-id: ${{ secrets.PINPACK_STORE_ID }}', 'key-secret: ${{ secrets.PINPACK_STORE_SECRET }}'];
  const account = 'account: ${{ vars.AWS_ACCOUNT_ID }}';
  const own = 'github.event.pull_request.head.repo.full_name == github.repository';
  const role = `role: \${{ github.event_name != 'pull_request' && '${name}-writer' || ${own} && '${name}-pull-request' || '' }}`;
  const inputs: Record<Access, string[]> = { aws: [account, role], s3: keys, server: [] };
  const publishInputs: Record<Access, string[]> = { aws: [account, `role: ${name}-publisher`], s3: keys, server: [] };
  // Its secrets are those of the writer, and only the main branch may use it.
  const environment =
    "    environment: ${{ github.event_name == 'pull_request' && 'pinpack-pull-request' || 'pinpack-main' }}\n";
  return {
    environment: access === 's3' ? environment : '',
    inputs: withOf(inputs[access]),
    publishInputs: withOf(publishInputs[access]),
  };
}

function withOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['        with:', ...lines.map((line) => `          ${line}`), ''].join('\n');
}

function ignore(tree: Tree): void {
  const text = tree.read('.gitignore', 'utf-8') ?? '';
  const known = text.split('\n');
  const missing = IGNORED.filter((line) => !known.includes(line));
  if (missing.length === 0) return;
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${text}${end}${missing.map((line) => `${line}\n`).join('')}`);
}

function remoteOf(config: string): string | undefined {
  const section = /^\[remote "origin"\]\n((?:[ \t]+.*\n?)*)/m.exec(config)?.[1] ?? '';
  return /^\s*url\s*=\s*(.+)$/m.exec(section)?.[1];
}

function ownVersion(): string {
  const { version } = createRequire(import.meta.url)('@pinpack/build-store/package.json') as { version: string };
  return version;
}

const SET_UP: Record<Access, string> = {
  aws: 'ci/store/aws.yaml            the bucket and the roles: its first lines say how to apply it',
  s3: 'ci/store/{minio,seaweedfs,ceph}.sh   the bucket and the keys: the first lines say how to apply them',
  server: 'ci/store/                    the configuration of the server, for systemd, Compose or Kubernetes',
};

/** The message after the files are written. */
export function nextSteps({ provider, access }: CiPlan): string {
  const pipeline =
    provider === 'github' ? '.github/workflows/pinpack.yml' : '.gitlab/pinpack.yml    included by .gitlab-ci.yml';
  return [
    'The pipeline is made. Next, see docs/ci.md of pinpack:',
    `  ${SET_UP[access]}`,
    `  ${pipeline}`,
    '  renovate.json                updates of requirements, which the job "relock" locks',
  ].join('\n');
}
