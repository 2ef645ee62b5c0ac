// The RPMs of the code that runs on servers: what determines their bytes.
export { packRuntimeRpms } from '../runtime-rpm/pack-runtime-rpms.js';
