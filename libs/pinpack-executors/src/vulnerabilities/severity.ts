// Severities of vulnerabilities, from the words of databases and from CVSS vectors (FIRST, "Qualitative Severity Rating Scale"). Pure.
import cvss from 'ae-cvss-calculator';

/** From the least to the most severe. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number] | 'unknown';

const WORDS: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  medium: 'medium',
  high: 'high',
  important: 'high',
  critical: 'critical',
};

/** @param texts - words such as HIGH, or CVSS vectors. The most severe one counts. */
export function severityOf(texts: readonly string[]): Severity {
  return mostSevere(texts.map((text) => WORDS[text.toLowerCase()] ?? ratingOf(scoreOf(text))));
}

export function mostSevere(severities: readonly Severity[]): Severity {
  return [...SEVERITIES].reverse().find((severity) => severities.includes(severity)) ?? 'unknown';
}

/** Whether a severity reaches a threshold. An unknown one does: nobody has assessed it. */
export function reaches(severity: Severity, threshold: (typeof SEVERITIES)[number]): boolean {
  return severity === 'unknown' || SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}

function ratingOf(score: number | undefined): Severity {
  if (score === undefined) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}

/** The library's own types leave out what this function returns. */
interface Scored {
  calculateScores: () => { base?: number };
}

function scoreOf(vector: string): number | undefined {
  try {
    const { fromVector } = cvss as { fromVector: (vector: string) => Scored | undefined };
    const score = fromVector(vector)?.calculateScores().base;
    return score === undefined || Number.isNaN(score) ? undefined : score;
  } catch {
    // A damaged vector is no assessment.
    return undefined;
  }
}
