// `@pinpack/build-store/server`: the standalone server, to embed in another process. The command is `pinpack-store serve`.
export { Authenticator } from './authenticator.js';
export type { Limits, ServerConfig, TokenEntry } from './config.js';
export { parseServerConfig } from './parse-config.js';
export { createLogger } from './request-log.js';
export { runServer, type RunOptions } from './run-server.js';
export type { Scope } from './scope.js';
export { Sessions } from './sessions.js';
export { StoreServer, type StoreServerOptions, type TlsFiles } from './store-server.js';
export { generateToken } from './tokens.js';
