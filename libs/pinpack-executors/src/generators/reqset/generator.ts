// `nx g pinpack:reqset reqset4 [--from uv.lock]`: creates a reqset that can be locked and packed without further edits.
import { logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { PinpackError } from '../../pinpack-error.js';
import { surroundingsOf } from '../surroundings.js';
import { planReqset, type ReqsetRequest, type ReqsetPlan } from './plan-reqset.js';
import { readSource } from './read-source.js';
import { refuseUnknownOptions } from '../../tasks/known-options.js';

export interface ReqsetOptions extends ReqsetRequest {
  from?: string;
  extra?: string[];
  group?: string[];
}

/**
 * @throws PinpackError `PINPACK_OPTIONS_INVALID`, `PINPACK_REQSET_INVALID`, `PINPACK_SETTINGS_INVALID`
 * @throws DistError if the source cannot be parsed
 */
export default function reqset(tree: Tree, options: ReqsetOptions): GeneratorCallback {
  refuseUnknownOptions('reqset', options);
  const { from, extra: extras = [], group: groups = [], ...request } = options;
  if (from === undefined && extras.length + groups.length > 0) {
    throw new PinpackError('PINPACK_OPTIONS_INVALID', 'generator pinpack:reqset', [
      '--extra and --group select parts of the project that --from names, which is missing',
      'Add --from=pyproject.toml or --from=uv.lock.',
    ]);
  }
  const plan = planReqset(
    request,
    from === undefined ? undefined : readSource(tree.root, from, { extras, groups }),
    surroundingsOf(tree),
  );
  for (const [path, text] of plan.files) tree.write(path, text);
  // Locking needs the network, so the user starts it. Nx skips the callback after --dry-run.
  return () => {
    logger.info(
      nextSteps(plan, [...extras.map((name) => ` --extra=${name}`), ...groups.map((name) => ` --group=${name}`)]),
    );
  };
}

/** The message after the files are written. */
export function nextSteps({ name, lock }: ReqsetPlan, selection: readonly string[] = []): string {
  return [
    `Created reqsets/${name}. Next:`,
    `  npx nx run ${name}:lock${lock === undefined ? '' : ` --from=${lock}${selection.join('')}`}    (network)`,
    `  npx nx run ${name}:rpm`,
  ].join('\n');
}
