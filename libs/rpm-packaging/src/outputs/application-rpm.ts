// Application RPMs: what determines their bytes.
export { packApplicationRpm, type ApplicationRpmRequest } from '../application-rpm/pack-application-rpm.js';
