/** Applications for specs. */
import type { Application } from '@pinpack/python-dist';
import { SHA256 } from '../pin.fixture.js';
import type { CanonicalFacts } from '../wheel-rpm/canonical-facts.js';
import type { ApplicationRequest } from './application-request.js';
import type { ApplicationSettings } from './application-settings.js';

/** my_app 1.0, whose library my-demo needs numpy. */
export function sampleApplication(more: Partial<Application> = {}): Application {
  return {
    name: 'my_app',
    library: 'my-demo',
    version: '1.0',
    release: 1,
    python: '3.11',
    bytecode: false,
    layout: 'tree',
    wheels: [
      { name: 'my-demo', version: '1.0', release: 1 },
      { name: 'numpy', version: '2.4.6', release: 3 },
    ],
    ...more,
  };
}

export function sampleApplicationRequest(settings: Partial<ApplicationSettings> = {}): ApplicationRequest {
  return {
    reqset: 'reqset3',
    application: sampleApplication(),
    settings: { fill: 'link', scripts: [], config: [], smoke: {}, ...settings },
    about: { summary: 'Sums things up.', license: 'MIT', url: 'https://example.org/demo' },
  };
}

/** The facts of both wheels. */
export function sampleFacts(): Map<string, CanonicalFacts> {
  const facts = (wheel: string, distInfo: string): CanonicalFacts => ({ wheel, distInfo, sha256: SHA256 });
  return new Map([
    ['my-demo', facts('my_demo-1.0-py3-none-any.whl', 'my_demo-1.0.dist-info')],
    ['numpy', facts('numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl', 'numpy-2.4.6.dist-info')],
  ]);
}
