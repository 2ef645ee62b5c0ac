// `nx run <reqset>:audit`: reports known vulnerabilities of the pins, and fails from a severity on.
import type { ExecutorContext } from '@nx/devkit';
import { setLabel } from '@pinpack/rpm-packaging';
import { PinpackError } from '../../pinpack-error.js';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { auditSet } from '../../vulnerabilities/audit-set.js';
import type { AuditSettings } from '../../vulnerabilities/audit-settings.js';
import { auditJson, failing, formatAudit } from '../../vulnerabilities/format-audit.js';
import { pluginOptions } from '../../workspace/plugin-options.js';

export interface AuditTargetOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  /** The severity from which it fails. */
  failOn?: AuditSettings['failOn'];
}

export default async function audit(
  { reqset: set, failOn, ...answer }: AuditTargetOptions,
  { root, nxJsonConfiguration }: Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const options = pluginOptions(nxJsonConfiguration);
    const today = new Date().toISOString().slice(0, 10);
    const found = await auditSet({ root, set, options, environment: process.env, today });
    const result = failOn === undefined ? found : { ...found, settings: { ...found.settings, failOn } };
    const label = setLabel(set);
    for (const warning of result.warnings) console.error(`warning: ${warning}`);
    await printAnswer(root, answer, { value: auditJson(label, result), text: formatAudit(label, result) });
    const failed = failing(result);
    if (failed.length === 0) return;
    throw new PinpackError('PINPACK_VULNERABLE', label, [
      `${failed.length} ${failed.length === 1 ? 'vulnerability is' : 'vulnerabilities are'} of severity ${result.settings.failOn} or above`,
      `Take the nearest versions with fixes: nx run ${label}:lock --upgrade-vulnerable. If one does not concern you, review it: ${result.settings.exceptions}`,
    ]);
  });
}
