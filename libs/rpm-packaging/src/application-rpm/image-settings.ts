// Reads `[tool.pinpack.image]` of an application's pyproject.toml (docs/images.md lists the settings).
import { sha256Of } from '@pinpack/common/digest';
import { OciError, parseLocation, type LayerCompression } from '@pinpack/oci-image';
import { z } from 'zod';
import { COMMAND, line, LINES, TEXTS, VARIABLES } from './settings-fields.js';

export interface ImageSettings {
  /** `oci:FOLDER[:REFERENCE]` or `oci-archive:FILE[:REFERENCE]`, relative to the workspace's root. */
  base: string;
  /** `@NAME@`, `@REQSET@` and `@VENV@` are replaced in it, as in `cmd`, `env` and `labels`. */
  entrypoint?: string[];
  cmd?: string[];
  user?: string;
  workdir?: string;
  env: Record<string, string>;
  /** `8000`, `53/udp` */
  ports: string[];
  labels: Record<string, string>;
  compression: LayerCompression;
}

/** Nx passes it on a command line, so characters that a shell interprets are not allowed. */
const BASE = /^[\w@.+/:-]+$/;

/** The table; an application without it has no image. */
export const IMAGE_SETTINGS = z
  .strictObject({
    base: line(BASE, 'an OCI image layout: oci:FOLDER[:REFERENCE] or oci-archive:FILE.tar[:REFERENCE]').refine(
      isLocation,
    ),
    entrypoint: COMMAND.exactOptional(),
    cmd: LINES.exactOptional(),
    user: line(/^[\w.-]+(?::[\w.-]+)?$/, 'an account such as web-service or 1000:1000').exactOptional(),
    workdir: line(/^\/\S*$/, 'an absolute path').exactOptional(),
    env: VARIABLES.default({}),
    ports: z
      .array(
        line(/^[1-9]\d{0,4}(?:\/(?:tcp|udp|sctp))?$/, 'a port such as "8000" or "53/udp"').refine(
          (port) => Number.parseInt(port) <= 65_535,
        ),
      )
      .default([]),
    labels: TEXTS.default({}),
    compression: z.enum(['gzip', 'zstd']).default('gzip'),
  })
  .describe('a table');

/** sha256 in hex, for Nx's hash. */
export function imageSettingsDigest(image: ImageSettings): string {
  return sha256Of(JSON.stringify(image));
}

function isLocation(base: string): boolean {
  try {
    parseLocation(base);
    return true;
  } catch (error) {
    if (error instanceof OciError) return false;
    throw error;
  }
}
