// `nx g pinpack:init`, which `nx add pinpack` and `npx create-pinpack` run: adds the plugin, its sync generator, scripts and .gitignore entries,
// offers reqsets for the requirements in the folder, and brings uv. Creates missing files, and keeps what exists already.
import { logger, readJson, readNxJson, writeJson, type GeneratorCallback, type Tree } from '@nx/devkit';
import { parseStoreUrl } from '@pinpack/build-store';
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { bringUv } from '../../setup/bring-uv.js';
import { refuseUnknownOptions } from '../../tasks/known-options.js';
import { warn } from '../../tasks/warn.js';
import { planReqset, type ReqsetPlan } from '../reqset/plan-reqset.js';
import { pythonFor, readSource } from '../reqset/read-source.js';
import { surroundingsOf } from '../surroundings.js';
import { chooseOffers } from './choose-offers.js';
import { findOffers, type Offer } from './find-offers.js';
import { withLines, withPlugin, withScripts } from './plan-files.js';

export interface InitOptions {
  /** The store's URL. */
  store?: string;
  /** `all`, `none`, or files separated by commas. Default: asked on a terminal, listed elsewhere. */
  reqsets?: string;
  /** Default: true. */
  uv?: boolean;
}

/** npm's packages, pinpack's outputs, Nx's cache, and the folder in which pinpack looks for `uv`. */
const IGNORED = ['node_modules', 'dist', '.nx', '.venv'];

/** @throws StoreError `STORE_LOCATION_INVALID`, PinpackError `PINPACK_OPTIONS_INVALID`, `PINPACK_REQSET_INVALID` */
export default async function init(tree: Tree, options: InitOptions): Promise<GeneratorCallback> {
  refuseUnknownOptions('init', options);
  const { store, reqsets, uv = true } = options;
  if (store !== undefined) parseStoreUrl(store);
  const found = findOffers(tree);
  const chosen = await chooseOffers(found, reqsets);
  // Nx's own updateNxJson writes nothing if there is no nx.json yet.
  writeJson(tree, 'nx.json', withPlugin(readNxJson(tree) ?? {}, store));
  tree.write('.gitignore', withLines(tree.read('.gitignore', 'utf-8') ?? '', IGNORED));
  if (tree.exists('package.json')) writeJson(tree, 'package.json', withScripts(readJson(tree, 'package.json')));
  const plans = chosen.flatMap((offer) => createReqset(tree, offer, reqsets !== undefined && reqsets !== 'all'));
  const left = found.filter((offer) => !chosen.includes(offer));
  return async () => {
    if (uv) await tryBringUv(tree.root);
    logger.info(nextSteps(plans, left).join('\n'));
  };
}

/** A file that was named must become a reqset. One that was found is skipped with the reason if it cannot. */
function createReqset(tree: Tree, { file, name }: Offer, isNamed: boolean): ReqsetPlan[] {
  try {
    const source = readSource(tree.root, file);
    const plan = planReqset({ name, python: pythonFor(source.requiresPython) }, source, surroundingsOf(tree));
    for (const [path, text] of plan.files) tree.write(path, text);
    return [plan];
  } catch (error) {
    if (isNamed || !(error instanceof CodedError)) throw error;
    warn(`no reqset from ${file}: ${messageWithCode(error as CodedError)}`);
    return [];
  }
}

async function tryBringUv(root: string): Promise<void> {
  try {
    logger.info(await bringUv(root));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // A workspace without uv still builds RPMs from locks of binary wheels.
    warn(`uv was not installed: ${messageWithCode(error as CodedError)}`);
  }
}

function nextSteps(plans: readonly ReqsetPlan[], left: readonly Offer[]): string[] {
  const offers = left.map(({ file, name }) => `  npx nx g pinpack:reqset ${name} --from ${file}`);
  const locks = plans.map(
    ({ name, lock }) => `  npx nx run ${name}:lock${lock === undefined ? '' : ` --from=${lock}`}`,
  );
  const first = plans[0]?.name ?? left[0]?.name;
  const created = first === undefined ? ['  npx nx g pinpack:reqset reqset1'] : [];
  return [
    'The workspace is set up for pinpack. Next:',
    ...[...offers, ...locks, ...created],
    `  npx nx g pinpack:app my-app --reqset ${first ?? 'reqset1'}`,
    '  npx pinpack doctor',
  ];
}
