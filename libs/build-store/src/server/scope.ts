// Defines the permissions of a caller of the standalone server, and the namespace that they apply to.
import { branchNamespace, LAYOUT_VERSION, type Namespace } from '../names/object-keys.js';

/**
 * - `read`: reads main
 * - `write`: reads and writes main
 * - `branch`: reads main, reads and writes the namespace of its own branch, which no other branch reads
 * - `maintain`: reads, writes, lists and removes everywhere; for people, never for CI
 */
export const SCOPE_KINDS = ['read', 'write', 'branch', 'maintain'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

export type Scope = { kind: 'read' | 'write' | 'maintain' } | { kind: 'branch'; branch: string };

/** An authenticated caller. */
export interface Identity {
  /** `token:<name>` or `oidc:<issuer's host>:<subject>`: no secret. */
  name: string;
  scope: Scope;
}

/** The namespace that a caller writes to; undefined without write permission. */
export function ownNamespace(scope: Scope): Namespace | undefined {
  if (scope.kind === 'branch') return branchNamespace(scope.branch);
  return scope.kind === 'read' ? undefined : 'main';
}

/** @param path - of an object, or a prefix that ends with `/` */
export function mayRead(scope: Scope, path: string): boolean {
  return scope.kind === 'maintain' || isBelow(path, 'main') || mayWrite(scope, path);
}

export function mayWrite(scope: Scope, path: string): boolean {
  if (scope.kind === 'maintain') return true;
  const own = ownNamespace(scope);
  return own !== undefined && isBelow(path, own);
}

/** Writers may not remove objects: removing and writing again would overwrite. */
export function mayRemove(scope: Scope): boolean {
  return scope.kind === 'maintain';
}

function isBelow(path: string, namespace: Namespace): boolean {
  return path.startsWith(`${LAYOUT_VERSION}/${namespace}/`);
}
