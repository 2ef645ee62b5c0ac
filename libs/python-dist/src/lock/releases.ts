// Computes the Release of RPMs, which the lock records: for rpm, other bytes of the same version are an upgrade only with a higher Release.
import { overlapsAmong } from './application.js';
import { closureOf, closureText, minorVersion } from './closure.js';
import { compactRecipe } from './build-recipe.js';
import { carriesBytecode } from './layout.js';
import { isBuilt, usesInterpreter } from './pin.js';
import type { BuildRequirement, Lock, LockedApplication, LockedInterpreter, LockedPackage, PinSource } from './lock.js';

/** The lock with the Releases of the previous lock, incremented where the bytes of the same version have changed. */
export function withReleases(lock: Lock, previous: Lock | undefined): Lock {
  if (previous === undefined) return lock;
  const packages = lock.packages.map((locked) => packageRelease(locked, lock, previous));
  const interpreter = interpreterRelease(lock, previous);
  // After the others: an application's RPM requires their releases.
  const released = { ...lock, ...(interpreter !== undefined && { interpreter }), packages };
  return { ...released, applications: lock.applications.map((app) => applicationRelease(app, released, previous)) };
}

function packageRelease(locked: LockedPackage, lock: Lock, previous: Lock): LockedPackage {
  const before = previous.packages.find(({ name, version }) => name === locked.name && version === locked.version);
  if (before === undefined) return locked;
  const isSame = packageText(before, previous) === packageText(locked, lock);
  return { ...locked, release: isSame ? before.release : before.release + 1 };
}

function packageText({ source, requires }: LockedPackage, lock: Lock): string {
  const { python, layout, compression, interpreter, buildRoot } = lock;
  const root = isBuilt(source) && buildRoot !== undefined ? [buildRoot] : [];
  const bundled = interpreter && [usesInterpreter(source, lock) ? interpreter.sha256 : 'bundled'];
  return JSON.stringify([
    ...[bytesOf(source), requires, minorVersion(python), carriesBytecode(lock), layout, compression],
    ...root,
    ...(bundled ?? []),
  ]);
}

/** Another version has other names and starts at 1. */
function interpreterRelease(lock: Lock, previous: Lock): LockedInterpreter | undefined {
  const [now, before] = [lock.interpreter, previous.interpreter];
  if (now === undefined || before === undefined || lock.python !== previous.python) return now;
  const isSame = interpreterText(now, lock) === interpreterText(before, previous);
  if (!isSame) return { ...now, release: before.release + 1 };
  // Equal names have equal bytes, also if an older pinpack recorded no time.
  const dated: LockedInterpreter = { ...now, release: before.release };
  if (before.time === undefined) delete dated.time;
  else dated.time = before.time;
  return dated;
}

function interpreterText({ sha256, keep }: LockedInterpreter, { bytecode, compression }: Lock): string {
  return JSON.stringify([sha256, [...keep].sort(), bytecode, compression]);
}

/** The fields of a source that determine the bytes. */
function bytesOf(source: PinSource): unknown {
  switch (source.kind) {
    case 'wheel':
    case 'prebuilt':
      return ['wheel', source.wheel.sha256];
    case 'directory':
      return [source.kind, source.path, requirementDigests(source.buildRequires)];
    case 'sdist': {
      const { environment, configSettings, patches } = compactRecipe(source.recipe);
      const given = [environment, configSettings, patches?.map(({ sha256 }) => sha256)];
      return [source.kind, source.sdist.sha256, requirementDigests(source.buildRequires), given];
    }
  }
}

function requirementDigests(buildRequires: readonly BuildRequirement[]): string[] {
  return buildRequires.map(({ wheel }) => wheel.sha256).sort();
}

function applicationRelease(app: LockedApplication, lock: Lock, previous: Lock): LockedApplication {
  const before = previous.applications.find(({ name }) => name === app.name);
  if (before === undefined || versionOf(before, previous) !== versionOf(app, lock)) return app;
  const isSame = environmentText(before, previous) === environmentText(app, lock);
  return { ...app, release: isSame ? before.release : before.release + 1 };
}

function versionOf({ library }: LockedApplication, { packages }: Lock): string | undefined {
  return packages.find(({ name }) => name === library)?.version;
}

function environmentText({ library, groups = [] }: LockedApplication, lock: Lock): string {
  const roots = [library, ...groups];
  // Their order decides which files an environment contains.
  const overlaps = overlapsAmong(lock.overlaps ?? [], closureOf(lock.packages, roots));
  const { interpreter, python } = lock;
  const bundled = interpreter === undefined ? [] : [`python ${python}-${interpreter.release}`];
  return JSON.stringify([closureText(lock, roots), lock.bytecode, ...overlaps, ...bundled]);
}
