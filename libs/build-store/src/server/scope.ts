// What a caller of the standalone server may do, and in which namespace. The server decides by these alone, whatever path or name a caller claims.
import { branchNamespace, LAYOUT_VERSION, type Namespace } from '../names/object-keys.js';

/**
 * - `read`: what lies in main
 * - `write`: reads and writes main
 * - `branch`: reads main, reads and writes the namespace of its own branch, which nobody else reads
 * - `maintain`: reads, writes, lists and removes everywhere; for people, never for CI
 */
export const SCOPE_KINDS = ['read', 'write', 'branch', 'maintain'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

export type Scope = { kind: 'read' | 'write' | 'maintain' } | { kind: 'branch'; branch: string };

/** Who asks: a name for logs, and what it may do. */
export interface Identity {
  /** `token:<name>` or `oidc:<issuer's host>:<subject>`: no secret. */
  name: string;
  scope: Scope;
}

/** Where a caller's own writes go; undefined where it has no right to write. */
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

/** To remove and to write again would be to overwrite, so no writer may. */
export function mayRemove(scope: Scope): boolean {
  return scope.kind === 'maintain';
}

function isBelow(path: string, namespace: Namespace): boolean {
  return path.startsWith(`${LAYOUT_VERSION}/${namespace}/`);
}
