// `pinpack doctor`, `nx run <reqset>:doctor`: checks the machine and the services that the workspace uses.
import type { ExecutorContext } from '@nx/devkit';
import { checkMachine } from '../../doctor/check-machine.js';
import { checkServices } from '../../doctor/check-services.js';
import { formatFindings, type Finding } from '../../doctor/diagnosis.js';
import { readNeeds } from '../../doctor/workspace-needs.js';
import { PinpackError } from '../../pinpack-error.js';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { pluginOptions } from '../../workspace/plugin-options.js';

export interface DoctorOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. Default: all with a lock. */
  reqset?: string;
}

export default async function doctor(
  { reqset, ...answer }: DoctorOptions,
  { root, nxJsonConfiguration }: Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const options = pluginOptions(nxJsonConfiguration);
    const needs = readNeeds(root, options, { environment: process.env, only: reqset });
    const locks = needs.problems.map(({ set, problem }): Finding => ({
      id: `lock-${set}`,
      status: 'fail',
      text: problem,
    }));
    const findings = [...locks, ...(await checkMachine(root, needs)), ...(await checkServices(root, options, needs))];
    await printAnswer(root, answer, { value: findings, text: formatFindings(findings) });
    const failed = findings.filter(({ status }) => status === 'fail');
    if (failed.length === 0) return;
    throw new PinpackError('PINPACK_DOCTOR', 'doctor', [
      `${failed.length} of ${findings.length} checks failed: ${failed.map(({ id }) => id).join(', ')}`,
      'Install or correct what the lines above name.',
    ]);
  });
}
