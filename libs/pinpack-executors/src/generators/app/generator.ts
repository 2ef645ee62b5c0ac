// `nx g pinpack:app my-app --reqset reqset3`: a project that builds, installs and passes its smoke test as it is, once its reqsets are locked.
import { fileURLToPath } from 'node:url';
import { generateFiles, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { applicationProject, setLabel } from '@pinpack/rpm-packaging';
import { surroundingsOf } from '../surroundings.js';
import { planApp, type AppPlan } from './plan-app.js';

export interface AppOptions {
  name: string;
  reqset?: string[];
  description?: string;
}

// The templates are no part of what is compiled, so they are read from `src` by the compiled generator too.
const TEMPLATES = fileURLToPath(new URL('../../../src/generators/app/files', import.meta.url));

/** @throws PinpackError `PINPACK_APP_INVALID`, `PINPACK_SETTINGS_INVALID` */
export default function app(tree: Tree, { name, reqset = [], description }: AppOptions): GeneratorCallback {
  const plan = planApp(name, [...new Set(reqset)], surroundingsOf(tree));
  generateFiles(tree, TEMPLATES, plan.folder, {
    ...plan,
    template: '',
    package: plan.module,
    description: (description ?? `The application ${name}`).replaceAll(/\s+/g, ' ').trim(),
    toml: formatToml,
    tomlKey: (key: string) => (key.includes('.') ? formatToml(key) : key),
    docstring: formatDocstring,
  });
  // Locking needs the network and may move other pins, so it is the user's to start. Not said where nothing was written: --dry-run.
  return () => {
    logger.info(nextSteps(plan));
  };
}

/** TOML's basic strings are written as JSON's. */
function formatToml(value: string | string[]): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
}

function formatDocstring(text: string): string {
  return `"""${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}."""`;
}

/** What to run after the files are there. */
export function nextSteps({ name, folder, reqsets, sets }: AppPlan): string {
  return [
    `${folder} is made. Next:`,
    `  npx nx run-many -t lock -p ${reqsets.map(setLabel).join(' ')}    its dependencies become pins (network)`,
    ...sets.map((set) => `  npx nx run ${applicationProject(set, name)}:smoke`),
  ].join('\n');
}
