import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { branchNamespace } from '../names/object-keys.js';
import { planNamespace } from '../store/plan-store.js';
import { scopeOfClaims, type ClaimRule } from './claim-rules.js';
import { parseServerConfig } from './parse-config.js';

const example = new URL('../../../../deploy/pinpack-store.json', import.meta.url);
const [github, gitlab] = parseServerConfig(readFileSync(example, 'utf8'), 'example').issuers;

/** Claims as GitHub's documentation shows them, "OpenID Connect reference". */
const GITHUB = {
  sub: 'repo:my-organisation/my-repository:ref:refs/heads/main',
  repository: 'my-organisation/my-repository',
  repository_id: '74',
  repository_owner: 'my-organisation',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  event_name: 'push',
  run_attempt: '2',
};
const PULL = {
  ...GITHUB,
  ref: 'refs/pull/12/merge',
  head_ref: 'feature',
  base_ref: 'main',
  event_name: 'pull_request',
};

/** Claims as GitLab's documentation shows them, "ID token authentication". */
const GITLAB = {
  sub: 'project_path:my-group/my-project:ref_type:branch:ref:main',
  namespace_path: 'my-group',
  project_path: 'my-group/my-project',
  ref: 'main',
  ref_type: 'branch',
  ref_path: 'refs/heads/main',
  ref_protected: 'true',
  pipeline_source: 'push',
};

describe('the rules of the example', () => {
  const ofGitHub = (claims: object) => scopeOfClaims(github?.rules ?? [], { ...claims });
  const ofGitLab = (claims: object) => scopeOfClaims(gitlab?.rules ?? [], { ...claims });

  test('GitHub: a push to main writes main', () => {
    expect(ofGitHub(GITHUB)).toEqual({ kind: 'write' });
    expect(ofGitHub({ ...GITHUB, event_name: 'schedule' })).toEqual({ kind: 'write' });
  });

  test("GitHub: a pull request writes the namespace that pinpack's own runs have there", () => {
    const scope = ofGitHub(PULL);
    expect(scope).toEqual({ kind: 'branch', branch: 'my-organisation/my-repository#12' });
    const environment = {
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'my-organisation/my-repository',
      GITHUB_REF: 'refs/pull/12/merge',
    };
    expect(planNamespace(environment)).toBe(branchNamespace('my-organisation/my-repository#12'));
  });

  test.each([
    ['another branch', { ref: 'refs/heads/feature' }],
    ['another repository of the organisation', { repository: 'my-organisation/other' }],
    ['a tag of that name', { ref: 'refs/tags/main' }],
    ['a comment', { event_name: 'issue_comment' }],
  ])('GitHub: %s reads', (_, claims) => {
    expect(ofGitHub({ ...GITHUB, ...claims })).toEqual({ kind: 'read' });
  });

  test.each([
    ['strangers', { repository: 'stranger/my-repository', repository_owner: 'stranger' }],
    ['a name that begins alike', { repository: 'my-organisation2/x', repository_owner: 'my-organisation2' }],
  ])('GitHub: %s get nothing', (_, claims) => {
    expect(ofGitHub({ ...GITHUB, ...claims })).toBeUndefined();
  });

  test('GitLab: main, a merge request, and other refs', () => {
    expect(ofGitLab(GITLAB)).toEqual({ kind: 'write' });
    const request = {
      ...GITLAB,
      ref: 'feature',
      ref_path: 'refs/heads/feature',
      pipeline_source: 'merge_request_event',
    };
    expect(ofGitLab(request)).toEqual({ kind: 'branch', branch: 'my-group/my-project@feature' });
    // A fork's branch may be called main too.
    const fork = { ...GITLAB, pipeline_source: 'merge_request_event' };
    expect(ofGitLab(fork)).toEqual({ kind: 'branch', branch: 'my-group/my-project@main' });
    expect(ofGitLab({ ...GITLAB, project_path: 'my-group/other' })).toBeUndefined();
  });
});

describe('scopeOfClaims', () => {
  const rule = (claims: ClaimRule['claims'], rest: Partial<ClaimRule> = {}): ClaimRule => ({
    claims,
    scope: 'write',
    branch: undefined,
    ...rest,
  });

  test.each(['pull_request', 'pull_request_target', 'pull_request_review', 'issue_comment', 'workflow_run'])(
    '%s, which may run other code under the ref of main, writes main only if a rule names it',
    (event_name) => {
      const claims = { ...GITHUB, event_name };
      const byRef = { repository: [GITHUB.repository], ref: [GITHUB.ref] };
      expect(scopeOfClaims([rule(byRef)], claims)).toBeUndefined();
      expect(scopeOfClaims([rule({ ...byRef, event_name: [event_name] })], claims)).toEqual({ kind: 'write' });
    },
  );

  test('the first rule that matches decides', () => {
    const rules = [rule({ sub: ['a'] }, { scope: 'read' }), rule({ sub: ['a'] })];
    expect(scopeOfClaims(rules, { sub: 'a' })).toEqual({ kind: 'read' });
  });

  test.each([
    ['org/*', 'org/app', true],
    ['org/*', 'org/a/b', false],
    ['org/*', 'organ/app', false],
    ['org/a.p', 'org/app', false],
    ['org/app', 'org/app\n', false],
    ['ORG/app', 'org/app', false],
    ['true', true, true],
    ['12', 12, true],
    ['*', '', false],
    ['*', undefined, false],
    ['*', ['a'], false],
    ['*', { a: 1 }, false],
  ])('%j and %j', (pattern, value, isLike) => {
    expect(scopeOfClaims([rule({ sub: [pattern] })], { sub: value }) !== undefined).toBe(isLike);
  });

  test('a missing claim of a branch does not match, so that no two branches share a namespace', () => {
    const branch = { scope: 'branch', branch: '{repository}#{ref*}' } as const;
    const claims = { repository: ['org/app'] };
    expect(scopeOfClaims([rule(claims, branch)], { repository: 'org/app' })).toBeUndefined();
    expect(scopeOfClaims([rule(claims, branch)], { repository: 'org/app', ref: 'refs/pull/1/merge' })).toBeUndefined();
    const withRef = { ...claims, ref: ['refs/pull/*/merge'] };
    expect(scopeOfClaims([rule(withRef, branch)], { repository: 'org/app', ref: 'refs/pull//merge' })).toBeUndefined();
  });

  test('names of Object.prototype are not claims', () => {
    expect(scopeOfClaims([rule({ sub: ['a'], constructor: ['*'] })], { sub: 'a' })).toBeUndefined();
  });
});
