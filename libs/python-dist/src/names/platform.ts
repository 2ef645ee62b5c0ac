// Parses platform tags of Linux with glibc (PEP 600) and their older spellings (PEP 513, 571, 599).

export interface Platform {
  /** The minor version of glibc 2: 28. */
  glibc: number;
  /** `x86_64` */
  machine: string;
}

const OLDER_SPELLINGS: Record<string, number> = { manylinux1: 5, manylinux2010: 12, manylinux2014: 17 };

/** @throws RangeError for another platform. Settings are validated earlier, so this is a bug in the caller. */
export function parsePlatform(tag: string): Platform {
  const platform = tryParsePlatform(tag);
  if (platform === undefined) throw new RangeError(`${tag} is not a platform tag of Linux with glibc`);
  return platform;
}

/** Undefined for `any`, `musllinux_1_2_x86_64`, `win_amd64` … */
export function tryParsePlatform(tag: string): Platform | undefined {
  const [, older = '', minor, machine = ''] = /^(?:(manylinux(?:1|2010|2014))|manylinux_2_(\d+))_(.+)$/.exec(tag) ?? [];
  const glibc = minor === undefined ? OLDER_SPELLINGS[older] : Number(minor);
  return glibc === undefined ? undefined : { glibc, machine };
}
