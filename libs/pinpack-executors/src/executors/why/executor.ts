// `nx run <reqset>:why --pin numpy`: explains why a pin is in the lock. Needs no network.
import type { ExecutorContext } from '@nx/devkit';
import { normalizeName, type Lock } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { reqsetPaths } from '../../workspace/workspace-paths.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLockInputs } from '../../workspace/read-lock-inputs.js';
import { readLock } from '../../workspace/read-lock.js';
import { explainPin, formatExplanation } from '../../reports/explain-pin.js';

export interface WhyOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  pin?: string;
}

export default async function why(
  { reqset: set, pin, ...answer }: WhyOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const lock = readLock(root, set);
    const explanation = explainPin(lock, await readLockInputs(root, set), lockedName(set, pin, lock));
    await printAnswer(root, answer, { value: explanation, text: formatExplanation(setLabel(set), explanation) });
  });
}

/** @throws PinpackError `PINPACK_PIN_UNKNOWN` */
function lockedName(set: string, pin: string | undefined, { packages }: Lock): string {
  const { lock, project } = reqsetPaths(set);
  const name = normalizeName(pin ?? '');
  if (packages.some((locked) => locked.name === name)) return name;
  const builtWith = packages.filter(
    ({ source }) => 'buildRequires' in source && source.buildRequires.some((requirement) => requirement.name === name),
  );
  throw new PinpackError('PINPACK_PIN_UNKNOWN', lock, [
    pin === undefined ? '--pin is missing' : `there is no pin ${pin}`,
    ...(builtWith.length > 0
      ? [`${builtWith.map((locked) => locked.name).join(', ')} is built with it, but it is not a pin`]
      : []),
    `expected one of its ${packages.length} pins: nx run ${project}:why --pin=<name>`,
  ]);
}
