// Parses the configuration file of the standalone server. All issues are reported at once.
import { checkJson } from '@pinpack/common/json';
import { StoreError } from '../store-error.js';
import { CONFIG_SCHEMA, type ConfigInput } from './config-schema.js';
import type { ServerConfig, TokenEntry } from './config.js';

/**
 * @param text - content of the file
 * @param file - its name, for messages
 * @throws StoreError `STORE_CONFIG_INVALID` with every issue
 */
export function parseServerConfig(text: string, file: string): ServerConfig {
  const { value, issues } = checkJson(text, CONFIG_SCHEMA);
  if (issues !== undefined) throw new StoreError('STORE_CONFIG_INVALID', file, issues.join('\n  '));
  const { oidc, tokens, ...config } = value;
  return {
    ...config,
    tls: config.tls,
    sessionSecretFile: config.sessionSecretFile,
    signingKeyFile: config.signingKeyFile,
    spool: config.spool,
    tokens: tokens.map(tokenOf),
    issuers: oidc.map((entry) => ({
      ...entry,
      rules: entry.rules.map((rule) => ({ ...rule, branch: rule.branch })),
    })),
  };
}

function tokenOf({ scope, branch, expires, ...token }: ConfigInput['tokens'][number]): TokenEntry {
  return {
    ...token,
    scope: scope === 'branch' ? { kind: scope, branch: branch ?? '' } : { kind: scope },
    expires: expires === undefined ? undefined : Date.parse(expires),
  };
}
