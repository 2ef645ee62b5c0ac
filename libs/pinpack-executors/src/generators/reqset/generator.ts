// `nx g pinpack:reqset reqset4 [--from uv.lock]`: creates a reqset that can be locked and packed without further edits.
import { logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { surroundingsOf } from '../surroundings.js';
import { planReqset, type ReqsetRequest, type ReqsetPlan } from './plan-reqset.js';
import { readSource } from './read-source.js';
import { refuseUnknownOptions } from '../../tasks/known-options.js';

export interface ReqsetOptions extends ReqsetRequest {
  from?: string;
}

/**
 * @throws PinpackError `PINPACK_OPTIONS_INVALID`, `PINPACK_REQSET_INVALID`, `PINPACK_SETTINGS_INVALID`
 * @throws DistError if the source cannot be parsed
 */
export default function reqset(tree: Tree, options: ReqsetOptions): GeneratorCallback {
  refuseUnknownOptions('reqset', options);
  const { from, ...request } = options;
  const plan = planReqset(request, from === undefined ? undefined : readSource(tree.root, from), surroundingsOf(tree));
  for (const [path, text] of plan.files) tree.write(path, text);
  // Locking needs the network, so the user starts it. Nx skips the callback after --dry-run.
  return () => {
    logger.info(nextSteps(plan));
  };
}

/** The message after the files are written. */
export function nextSteps({ name, lock }: ReqsetPlan): string {
  return [
    `Created reqsets/${name}. Next:`,
    `  npx nx run ${name}:lock${lock === undefined ? '' : ` --from=${lock}`}    (network)`,
    `  npx nx run ${name}:rpm`,
  ].join('\n');
}
