/** The documents of an image (image-spec v1.1: descriptor, manifest, index, config): the fields that pinpack reads. Other fields of a base are kept. */

export interface Platform {
  architecture: string;
  os: string;
  [other: string]: unknown;
}

/** `digest` is `sha256:` and 64 hex digits; `size` in bytes. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
}

export interface ImageIndex {
  manifests: Descriptor[];
}

export interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

/** What a container is started with. */
export interface RunConfig {
  User?: string;
  ExposedPorts?: Record<string, object>;
  /** `NAME=value` */
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  Labels?: Record<string, string>;
  [other: string]: unknown;
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  comment?: string;
  /** Of an entry that brought no layer. */
  empty_layer?: boolean;
}

export interface ImageConfig extends Platform {
  created?: string;
  config?: RunConfig;
  rootfs: { type: 'layers'; diff_ids: string[] };
  history?: HistoryEntry[];
}
