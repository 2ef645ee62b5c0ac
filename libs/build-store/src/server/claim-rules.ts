// Derives the scope from the claims of a CI identity token: the first matching rule of the configuration decides; without one the token is rejected.
import type { Scope, ScopeKind } from './scope.js';

export interface ClaimRule {
  /** Claim by name, and what it must be: one of these texts. `*` stands for any characters but `/`. */
  claims: Record<string, string[]>;
  /** Never `maintain`, which is for people. */
  scope: Exclude<ScopeKind, 'maintain'>;
  /** Of scope `branch`: its name, with `{claim}` for a claim's value, and `{claim*}` for what the first `*` of its pattern stands for. */
  branch: string | undefined;
}

/**
 * Claims of which one says whose token it is. Anybody gets tokens from the issuers of GitHub and GitLab, for any audience, so a rule
 * without one of these would open the store to strangers.
 */
export const OWNER_CLAIMS = [
  'sub',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'project_path',
  'project_id',
  'namespace_path',
  'namespace_id',
  'job_workflow_ref',
];

/** Events that can run a pull request's code though their token names the main branch as its ref. */
const EVENT_CLAIMS: Record<string, RegExp> = {
  event_name: /^(?:pull_request|issue_comment$|workflow_run$)/,
  pipeline_source: /^(?:merge_request_event|external_pull_request_event)$/,
};

const PLACEHOLDER = /\{(\w+)(\*?)\}/g;

/** What fills a branch's template, by placeholder: `ref` and `ref*`. */
type Values = Map<string, string>;

/** @returns undefined where no rule matches */
export function scopeOfClaims(rules: ClaimRule[], claims: Record<string, unknown>): Scope | undefined {
  for (const rule of rules) {
    const values = match(rule, claims);
    const scope = values === undefined ? undefined : scopeOfRule(rule, values);
    if (scope !== undefined) return scope;
  }
  return undefined;
}

/** The placeholders of a branch's template. */
function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '', star = '']) => `${name}${star}`);
}

function match(rule: ClaimRule, claims: Record<string, unknown>): Values | undefined {
  const values: Values = new Map();
  for (const [name, claim] of Object.entries(claims)) {
    const text = textOf(claim);
    if (text !== undefined) values.set(name, text);
  }
  for (const [name, patterns] of Object.entries(rule.claims)) {
    const value = values.get(name);
    if (value === undefined) return undefined;
    const found = patterns.map((pattern) => expressionOf(pattern).exec(value)).find((one) => one !== null);
    if (found === undefined) return undefined;
    values.set(`${name}*`, found[1] ?? '');
  }
  return rule.scope === 'write' && runsForeignCode(rule, values) ? undefined : values;
}

/** A pull request's run must not get write access to main by accident: the rule must name the event. */
function runsForeignCode(rule: ClaimRule, values: Values): boolean {
  return Object.entries(EVENT_CLAIMS).some(
    ([name, events]) => !Object.hasOwn(rule.claims, name) && events.test(values.get(name) ?? ''),
  );
}

function scopeOfRule(rule: ClaimRule, values: Values): Scope | undefined {
  if (rule.scope !== 'branch') return { kind: rule.scope };
  const template = rule.branch ?? '';
  // Without the claim, several branches would share one namespace.
  if (placeholdersOf(template).some((name) => (values.get(name) ?? '') === '')) return undefined;
  const fill = (_: string, name: string, star: string) => values.get(`${name}${star}`) ?? '';
  return { kind: 'branch', branch: template.replaceAll(PLACEHOLDER, fill) };
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('([^/]*)')}$`, 's');
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
