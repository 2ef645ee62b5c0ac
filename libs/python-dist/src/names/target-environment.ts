/** The Python and platform that a lock is resolved for. */
export interface TargetEnvironment {
  /** Full version: `3.11.2`. */
  python: string;
  /** Platform tag: `manylinux_2_28_x86_64`. */
  platform: string;
}
