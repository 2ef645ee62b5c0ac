// What the parts of a report are gathered from.
import type { NxJsonConfiguration } from '@nx/devkit';
import type { PluginOptions } from '../workspace/plugin-options.js';
import type { Runs } from './read-runs.js';

export interface GatherRequest {
  root: string;
  nxJson: NxJsonConfiguration;
  options: PluginOptions;
  environment: NodeJS.ProcessEnv;
  /** `reqset3`, `multi/py311` */
  set: string;
  /** Whether neither indexes nor publications are read. */
  isOffline: boolean;
  runs: Runs;
  /** `2026-11-26` */
  today: string;
}

export const OFFLINE = 'not read: --offline';
