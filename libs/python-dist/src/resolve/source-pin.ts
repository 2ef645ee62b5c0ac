// Pins whose metadata are known from their source.
import type { BuildSettings } from '../lock/build-recipe.js';
import type { WheelFile } from '../names/distribution-file.js';
import type { PrebuiltPin } from './prebuilt.js';
import type { SdistFacts } from './sdist-facts.js';

/** A pin that is built from its sdist. */
export interface SourcePin extends SdistFacts {
  name: string;
  version: string;
  sdist: WheelFile;
  settings: BuildSettings;
}

/** Pins that are required by a path, a URL or a repository. */
export interface DirectPins {
  wheels: PrebuiltPin[];
  sources: SourcePin[];
}
