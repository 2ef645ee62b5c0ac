// The setting `build.root` of reqset.json: the system that wheels are built in.
import { z } from 'zod';

const IMAGE =
  'an image (docker://…, oci:…, oci-archive:…, docker-archive:…), a folder, or a recipe such as {"debootstrap": {"suite": "bullseye", "mirror": "https://…"}}';
const PACKAGES = 'a list of packages such as ["gcc", "python3-devel"]';
const URL_TEXT = 'a URL';
const NAME = /^[A-Za-z0-9][\w.+:@~^-]*$/;
const LOCATION = /^(?:https?|file|ftp):\/\/\S+$/;

const packages = z.array(z.string(PACKAGES).regex(NAME, PACKAGES), PACKAGES);
const url = z.string(URL_TEXT).regex(LOCATION, URL_TEXT);

const DEBOOTSTRAP = z.strictObject({
  suite: z.string().regex(NAME, 'a suite such as "bullseye"'),
  mirror: url,
  packages: packages.default([]),
  keyring: z
    .string()
    .optional()
    .describe('Path of the keyring that the mirror is signed with. Default: that of debootstrap.'),
});

const DNF = z.strictObject({
  releasever: z.string().regex(NAME, 'a release such as "9"'),
  repositories: z.record(z.string().regex(NAME, 'a name such as "baseos"'), url),
  packages: packages.default([]),
  keys: z
    .array(url)
    .optional()
    .describe('URLs of the keys that packages must be signed with. Without keys, signatures are not checked.'),
});

export const ROOT_SETTING = z
  .union(
    [z.string().regex(/^[^\s]+$/, IMAGE), z.strictObject({ debootstrap: DEBOOTSTRAP }), z.strictObject({ dnf: DNF })],
    { error: IMAGE },
  )
  .meta({
    id: 'buildRoot',
    description:
      'The system that wheels are built in, instead of this machine: a container image (docker://registry/name:tag, oci:FOLDER, oci-archive:FILE, docker-archive:FILE), a root folder, or packages that debootstrap or dnf installs into one.',
  });

/** As written. */
export type RootSetting = z.output<typeof ROOT_SETTING>;
export type Debootstrap = z.output<typeof DEBOOTSTRAP>;
export type Dnf = z.output<typeof DNF>;

/** One text for equal settings. */
export function formatRootSetting(setting: RootSetting): string {
  return typeof setting === 'string' ? setting : JSON.stringify(setting, sortKeys);
}

/** A name for messages. */
export function rootSubject(setting: RootSetting): string {
  if (typeof setting === 'string') return setting;
  return 'dnf' in setting ? `dnf ${setting.dnf.releasever}` : `debootstrap ${setting.debootstrap.suite}`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
