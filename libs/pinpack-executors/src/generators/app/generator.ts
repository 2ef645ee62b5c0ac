// `nx g pinpack:app my-app --reqset reqset3`: creates a project that builds, installs and passes its smoke test once its reqsets are locked.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateFiles, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { applicationProject, setLabel } from '@pinpack/rpm-packaging';
import { surroundingsOf } from '../surroundings.js';
import { planApp, type AppKind, type AppPlan } from './plan-app.js';
import { refuseUnknownOptions } from '../../tasks/known-options.js';

export interface AppOptions {
  name: string;
  reqset?: string[];
  kind?: AppKind;
  description?: string;
}

// tsc does not copy the templates, so the compiled generator reads them from `src` too.
const TEMPLATES = fileURLToPath(new URL('../../../src/generators/app/files', import.meta.url));

/** @throws PinpackError `PINPACK_OPTIONS_INVALID`, `PINPACK_APP_INVALID`, `PINPACK_SETTINGS_INVALID` */
export default function app(tree: Tree, options: AppOptions): GeneratorCallback {
  refuseUnknownOptions('app', options);
  const { name, reqset = [], kind = 'cli', description } = options;
  const plan = planApp({ name, wanted: [...new Set(reqset)], kind }, surroundingsOf(tree));
  const substitutions = {
    ...plan,
    sets: plan.sets.map(setLabel),
    template: '',
    package: plan.module,
    description: (description ?? `The application ${name}`).replaceAll(/\s+/g, ' ').trim(),
    toml: formatToml,
    tomlKey: (key: string) => (key.includes('.') ? formatToml(key) : key),
    docstring: formatDocstring,
  };
  for (const folder of ['common', kind]) generateFiles(tree, join(TEMPLATES, folder), plan.folder, substitutions);
  // Locking needs the network and may move other pins, so the user starts it. Nx skips the callback after --dry-run.
  return () => {
    logger.info(nextSteps(plan));
  };
}

/** JSON strings are valid basic strings in TOML. */
function formatToml(value: string | string[]): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
}

function formatDocstring(text: string): string {
  return `"""${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}."""`;
}

/** The message after the files are written. */
export function nextSteps({ name, folder, reqsets, sets, kind }: AppPlan): string {
  const [first = ''] = sets.map((set) => applicationProject(set, name));
  const start = { service: first, job: `${first}.timer` }[kind as string];
  return [
    `Created ${folder}. Next:`,
    `  Dependencies go into ${folder}/pyproject.toml, [project] dependencies; then:`,
    `  npx nx run-many -t lock -p ${reqsets.map(setLabel).join(' ')}    its dependencies become pins (network)`,
    ...sets.map((set) => `  npx nx run ${applicationProject(set, name)}:smoke`),
    ...(start === undefined ? [] : [`  On a server: dnf install ${first} && systemctl enable --now ${start}`]),
  ].join('\n');
}
