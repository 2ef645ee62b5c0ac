// `nx g pinpack:reqset reqset4 [--from uv.lock]`: a reqset that locks and packs as it is.
import { logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { surroundingsOf } from '../surroundings.js';
import { planReqset, type AskedReqset, type ReqsetPlan } from './plan-reqset.js';
import { readSource } from './read-source.js';

export interface ReqsetOptions extends AskedReqset {
  from?: string;
}

/**
 * @throws PinpackError `PINPACK_REQSET_INVALID`, `PINPACK_SETTINGS_INVALID`
 * @throws DistError where the file that it starts from can't be parsed
 */
export default function reqset(tree: Tree, { from, ...asked }: ReqsetOptions): GeneratorCallback {
  const plan = planReqset(asked, from === undefined ? undefined : readSource(tree.root, from), surroundingsOf(tree));
  for (const [path, text] of plan.files) tree.write(path, text);
  // Locking needs the network, so it is the user's to start. Not said where nothing was written: --dry-run.
  return () => {
    logger.info(nextSteps(plan));
  };
}

/** What to run after the files are there. */
export function nextSteps({ name, lock }: ReqsetPlan): string {
  return [
    `reqsets/${name} is made. Next:`,
    `  npx nx run ${name}:lock${lock === undefined ? '' : ` --from=${lock}`}    (network)`,
    `  npx nx run ${name}:rpm`,
  ].join('\n');
}
