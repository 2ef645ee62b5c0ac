// Platform tags of Linux with glibc (PEP 600), and their older spellings (PEP 513, 571, 599), taken apart.

export interface Platform {
  /** The minor version of glibc 2: 28. */
  glibc: number;
  /** `x86_64` */
  machine: string;
}

const OLDER_SPELLINGS: Record<string, number> = { manylinux1: 5, manylinux2010: 12, manylinux2014: 17 };

/** @throws RangeError where it's no platform of glibc: settings are checked before they come here */
export function parsePlatform(tag: string): Platform {
  const platform = tryParsePlatform(tag);
  if (platform === undefined) throw new RangeError(`${tag} is no platform tag of a Linux with glibc`);
  return platform;
}

/** undefined for `any`, `musllinux_1_2_x86_64`, `win_amd64` … */
export function tryParsePlatform(tag: string): Platform | undefined {
  const [, older = '', minor, machine = ''] = /^(?:(manylinux(?:1|2010|2014))|manylinux_2_(\d+))_(.+)$/.exec(tag) ?? [];
  const glibc = minor === undefined ? OLDER_SPELLINGS[older] : Number(minor);
  return glibc === undefined ? undefined : { glibc, machine };
}
