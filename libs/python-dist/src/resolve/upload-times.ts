// Adds the time of each pin, which dates its RPM: when its file was uploaded, by the page of the index (PEP 700). The clock has no part in a lock.
import type { IndexClient } from '../index/index-client.js';
import { newestTime } from '../lock/application.js';
import type { BuildRequirement, Lock, LockedPackage } from '../lock/lock.js';
import type { WheelFile } from '../names/distribution-file.js';

/** Files of an index have their upload time; source trees that of the newest build requirement. A pin whose bytes are those of the previous lock keeps its time. */
export async function withTimes(lock: Lock, index: IndexClient, previous: Lock | undefined): Promise<Lock> {
  const dated = lock.packages.map(async (locked) => {
    const before = previous?.packages.find((pin) => pin.name === locked.name && pin.version === locked.version);
    const isSame = before?.release === locked.release;
    const time = isSame
      ? before.time
      : newestTime(await Promise.all(filesOf(locked).map((file) => uploaded(index, file))));
    return { ...locked, ...(time !== undefined && { time }) };
  });
  return { ...lock, packages: await Promise.all(dated) };
}

interface ProjectFile {
  name: string;
  file: WheelFile;
}

function filesOf({ name, source }: LockedPackage): ProjectFile[] {
  switch (source.kind) {
    case 'wheel':
      return [{ name, file: source.wheel }];
    case 'sdist':
      return [{ name, file: source.sdist }];
    case 'directory':
      return source.buildRequires.map(fileOf);
    case 'prebuilt':
      return [];
  }
}

function fileOf({ name, wheel }: BuildRequirement): ProjectFile {
  return { name, file: wheel };
}

/** Undefined for a file that is not on the index, and on an index without upload times. */
async function uploaded(index: IndexClient, { name, file }: ProjectFile): Promise<string | undefined> {
  if (file.origin !== undefined) return undefined;
  const found = (await index.files(name)).find((each) => each.name === file.name);
  return found?.uploadTime === undefined ? undefined : inSeconds(found.uploadTime);
}

/** `2026-11-20T23:34:54Z`. Undefined for what isn't a time that an RPM can have. */
function inSeconds(text: string): string | undefined {
  const milliseconds = Date.parse(text);
  if (!(milliseconds > Date.UTC(1980) && milliseconds < Date.UTC(2100))) return undefined;
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
