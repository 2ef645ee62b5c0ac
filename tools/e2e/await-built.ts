/** Set-up file of the end-to-end tests: they begin when the clone that they share is built. */
import { inject } from 'vitest';
import { waitForBuilt } from './built-state.js';

await waitForBuilt(inject('built'));
