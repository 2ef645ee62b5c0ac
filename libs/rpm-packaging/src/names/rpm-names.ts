// Names of sets, and of the projects and RPMs made from them. A project has the name of its RPM.
//
// A lock belongs to a set: a reqset without variants, or one variant of a reqset (docs/decisions/0010-variants.md). A set is written
// `reqset3` or `multi/py311`; its label, the prefix of its projects, RPMs and folders, is `reqset3` or `multi-py311`.

/** The project and RPM with the code that runs on servers. */
export const RUNTIME = 'pinpack-runtime';

/** A set's reqset, and its variant where it is one: `multi/py311` → `multi`, `py311`. */
export function splitSet(set: string): { reqset: string; variant?: string } {
  const [reqset = '', variant] = set.split('/');
  return { reqset, ...(variant !== undefined && { variant }) };
}

/** `reqset3`, `multi-py311` */
export function setLabel(set: string): string {
  return set.replace('/', '-');
}

/** The sets of a reqset. @param variants - labels; undefined if the reqset has none */
export function setsOf(reqset: string, variants: readonly string[] | undefined): string[] {
  return variants?.map((variant) => `${reqset}/${variant}`) ?? [reqset];
}

/** Whether `[tool.pinpack] reqsets` names a set: by itself, or by the reqset of all its variants. */
export function namesSet(names: readonly string[], set: string): boolean {
  return names.includes(set) || names.includes(splitSet(set).reqset);
}

/** The project and RPM of a pin. */
export function wheelProject(set: string, name: string): string {
  return `${setLabel(set)}-wheel-${name}`;
}

/** The project and RPM of an application: `<app>` is its folder's name. */
export function applicationProject(set: string, app: string): string {
  return `${setLabel(set)}-${app}`;
}
