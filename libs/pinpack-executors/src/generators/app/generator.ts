// `nx g pinpack:app my-app --reqset reqset3`: a project that builds, installs and passes its smoke test as it is, once its reqsets are locked.
import { fileURLToPath } from 'node:url';
import { generateFiles, getProjects, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { APPS, applicationProject, REQSETS, reqsetPlace, setLabel, setsOf, splitSet } from '../../reqset/place.js';
import { parseSettings } from '../../reqset/settings.js';
import { planApp, type AppPlan, type SetFacts, type Surroundings } from './plan-app.js';

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

function surroundingsOf(tree: Tree): Surroundings {
  const reqsets = tree.children(REQSETS).filter((name) => tree.exists(reqsetPlace(name).requirements));
  return {
    apps: tree.children(APPS),
    projects: [...getProjects(tree).keys()],
    sets: reqsets.flatMap((name) => setFactsOf(tree, name)),
  };
}

function setFactsOf(tree: Tree, reqset: string): SetFacts[] {
  const { settings: file } = reqsetPlace(reqset);
  const { python, variants } = parseSettings(tree.read(file, 'utf-8') ?? '{}', file);
  return setsOf(reqset, variants && Object.keys(variants)).map((set) => ({
    set,
    pins: tree.children(`${reqsetPlace(set).derived}/pins`),
    python: variants?.[splitSet(set).variant ?? '']?.python ?? python,
  }));
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
